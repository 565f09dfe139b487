import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import type { Originals } from '@safelight/core';
import { createSafelight } from '@safelight/express';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import type { Express } from 'express';
import { createApp } from './app.ts';
import { checkServeOptions } from './check-serve-options.ts';
import { makeDataFolder } from './data-folder.ts';
import { createDrain } from './drain.ts';
import { createErrorLog } from './error-log.ts';
import { failure, usageError } from './exit-code.ts';
import type { ServeOptions } from './serve-options.ts';
import { type OpenStore, openStore } from './store-url.ts';

export interface RunningServer {
  readonly url: string;
  /** Accepts no more requests, finishes the running ones (after `graceMs` it breaks them off) and releases all resources. */
  close(graceMs: number): Promise<void>;
}

/**
 * Composes a server out of the parts and starts it.
 * @throws {TypeError} when an option does not exist, is missing, or is of another type
 * @throws {CommandError} when an option cannot work, the folder cannot be written, or the address cannot be listened on
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  checkServeOptions(options);
  const { host, say } = options;
  const store = options.store === undefined ? undefined : await openStore(options.store, say);
  const app = compose(options, store);
  await makeDataFolder(options.data);

  const server = createServer(app);
  // An upload counts as one request: slow lines get half an hour for it, but headers have to come at once.
  server.headersTimeout = 20_000;
  server.requestTimeout = 30 * 60_000;
  const drain = createDrain(server);
  await store?.connect();
  try {
    await new Promise<void>((listening, refused) => {
      server.once('error', refused);
      server.listen(options.port, host, listening);
    });
  } catch (error) {
    await store?.close();
    throw cannotListen(error, options);
  }
  return {
    url: urlOf(host, (server.address() as AddressInfo).port),
    async close(graceMs) {
      const cutOff = await drain(graceMs);
      if (cutOff > 0) say(`cut off after ${graceMs} ms: ${cutOff} connection(s) with requests under way`);
      await store?.close();
    },
  };
}

function compose(options: ServeOptions, store: OpenStore | undefined): Express {
  const { cloud: cloudName, apiKey, apiSecret, uploadPresets, backoff, placeholder, cacheMegabytes, say } = options;
  const onError = createErrorLog({ write: say });
  const directory = join(options.data, 'derivatives');
  const maxBytes = cacheMegabytes * 1024 ** 2;
  const originals = openOriginals(options.data);
  try {
    const safelight = createSafelight({
      ...(store === undefined ? {} : { store: store.store }),
      ...(cacheMegabytes === 0 ? {} : { derivatives: fileDerivatives({ directory, maxBytes, onError }) }),
      placeholder,
      backoff,
      onError,
    });
    const delivery = cloud(safelight, cloudName, {
      originals,
      handler: sharpHandler(),
      cache: cacheMegabytes > 0,
      uploadPresets,
      ...(apiKey === undefined || apiSecret === undefined ? {} : { apiKey, apiSecret }),
    });
    return createApp({ delivery, cloud: cloudName, onError });
  } catch (error) {
    // Each part checks its own options at creation and says in full what is wrong with them.
    throw usageError(error instanceof Error ? error.message : String(error), error);
  }
}

/** @throws {CommandError} when originals are there that this release cannot read, or that this process may not read */
function openOriginals(data: string): Originals {
  try {
    return fileOriginals({ directory: join(data, 'originals') });
  } catch (error) {
    const { message, cause } = error as Error;
    const refusal = `--data ${data} cannot be used: ${message}`;
    throw cause === undefined ? usageError(refusal, error) : failure(refusal, error);
  }
}

function cannotListen(error: unknown, { port, host }: ServeOptions): Error {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return failure(
        `port ${port} of ${host} is in use; stop what uses it, or choose another (--port 0 takes a free one)`,
      );
    case 'EACCES':
      return failure(`port ${port} may not be used by this user; choose one above 1023`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failure(
        `${host} is not an address of this machine; --host takes one of its own, such as 127.0.0.1 or 0.0.0.0`,
      );
    default:
      return failure(`cannot listen on ${urlOf(host, port)}: ${(error as Error).message}`, error);
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
