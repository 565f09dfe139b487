import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cloud } from '@safelight/cloud';
import type { Derivatives } from '@safelight/core';
import { createSafelight } from '@safelight/express';
import { sharpHandler } from '@safelight/sharp';
import type { Express } from 'express';
import { createApp } from './app.ts';
import { checkServeOptions } from './check-serve-options.ts';
import { makeDataFolder } from './data-folder.ts';
import { createDrain, type Drain } from './drain.ts';
import { createErrorLog } from './error-log.ts';
import { failure, usageError } from './exit-code.ts';
import { openDerivatives } from './open-bucket.ts';
import { type OpenOriginals, openOriginals } from './open-originals.ts';
import type { ServeOptions } from './serve-options.ts';
import { healthRoutes } from './server-health.ts';
import { applyLimits, maxOpenFiles, serverLimits } from './server-limits.ts';
import { type OpenStore, openStore } from './store-url.ts';
import { readTransformations } from './transformations-file.ts';

/** A server that `serve()` has started. */
export interface RunningServer {
  /** The origin that it listens on, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /**
   * Stops listening, waits for the running requests, and releases all resources. Meanwhile `/_safelight/ready` responds
   * with 503, and responses have `Connection: close`.
   * @param graceMs - after this time, in milliseconds, the connections that are still open are closed
   * @param waitMs - so long it still accepts requests before it stops listening, in milliseconds. @default 0
   */
  close(graceMs: number, waitMs?: number): Promise<void>;
}

/**
 * Starts a server for one cloud: delivery URLs, the upload API and the control routes. It composes `createSafelight`,
 * `cloud`, `fileOriginals`, `fileDerivatives` and `sharpHandler`; with a bucket, `s3Originals` and `s3Derivatives`.
 *
 * @param options - the options of `safelight serve`; those without a default are required
 * @returns the running server, once it listens
 * @throws {TypeError} when an option does not exist, is missing, or is of another type
 * @throws {RangeError} when a number is out of range
 * @throws {CommandError} when an option has a value that cannot work, the folder cannot be written, or the server
 *   cannot listen on the address
 *
 * @example
 * const server = await serve({
 *   ...{ port: 0, host: '127.0.0.1', data: './data', cacheMegabytes: 1024, keepVersions: 3, index: 'embedded' },
 *   ...{ cloud: 'demo', placeholder: 'drawn', transformations: undefined, remoteFiles: undefined },
 *   ...{ apiKey: undefined, apiSecret: undefined, uploadPresets: ['quickstart'], store: undefined, deliveryOrigin: undefined, trustProxy: undefined, say: console.error },
 *   backoff: { permanent: { firstMs: 60_000, maxMs: 86_400_000 }, transient: { firstMs: 1000, maxMs: 300_000 } },
 * });
 * server.url; // 'http://127.0.0.1:43627'
 * await server.close(10_000);
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  checkServeOptions(options);
  const { host, say } = options;
  const store = options.store === undefined ? undefined : await openStore(options.store, say);
  const onError = createErrorLog({ write: say });
  const derivatives = options.cacheMegabytes === 0 ? undefined : await openDerivatives(options, onError);
  const opened = await openOriginals(options, onError);
  const close = async (): Promise<void> => {
    await store?.close();
    await opened.close();
  };
  try {
    const server = createServer();
    const drain = createDrain(server);
    server.on('request', compose(options, { store, opened, derivatives, onError, drain }));
    await makeDataFolder(options.data);
    applyLimits(server, serverLimits(maxOpenFiles()));
    await store?.connect();
    await listen(server, options);
    try {
      // After the port: to start a server twice is a mistake of the port first.
      await opened.claim();
    } catch (error) {
      server.close();
      throw error;
    }
    await opened.catchUp(maxIndexWaitMs);
    return {
      url: urlOf(host, (server.address() as AddressInfo).port),
      async close(graceMs, waitMs = 0) {
        const ended = await drain.run({ waitMs, graceMs });
        if (ended > 0) say(`closed connections after ${graceMs} ms, with ${ended} request(s) still running`);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The index of a small folder is complete within this time, and then no first list is refused. */
const maxIndexWaitMs = 2_000;

async function listen(server: Server, options: ServeOptions): Promise<void> {
  try {
    await new Promise<void>((listening, refused) => {
      server.once('error', refused);
      server.listen(options.port, options.host, listening);
    });
  } catch (error) {
    throw cannotListen(error, options);
  }
}

interface Parts {
  readonly store: OpenStore | undefined;
  readonly opened: OpenOriginals;
  /** `undefined`: nothing is cached. */
  readonly derivatives: Derivatives | undefined;
  readonly onError: (error: unknown) => void;
  readonly drain: Drain;
}

function compose(options: ServeOptions, { store, opened, derivatives, onError, drain }: Parts): Express {
  const { cloud: cloudName, apiKey, apiSecret, uploadPresets, backoff, placeholder } = options;
  const { deliveryOrigin, trustProxy, remoteFiles } = options;
  const { originals, index } = opened;
  const transformations = readTransformations(options.transformations);
  try {
    const safelight = createSafelight({
      ...(store === undefined ? {} : { store: store.store }),
      ...(derivatives === undefined ? {} : { derivatives }),
      placeholder,
      backoff,
      onError,
    });
    const delivery = cloud(safelight, cloudName, {
      originals,
      ...(index === undefined ? {} : { index }),
      handler: sharpHandler(),
      cache: derivatives !== undefined,
      uploadPresets,
      transformations,
      ...(remoteFiles === undefined ? {} : { remoteFiles }),
      ...(deliveryOrigin === undefined ? {} : { deliveryOrigin: () => deliveryOrigin }),
      ...(apiKey === undefined || apiSecret === undefined ? {} : { apiKey, apiSecret }),
    });
    const health = healthRoutes(() => ({
      store: store?.state() ?? { state: 'embedded' },
      index: opened.progress(),
      isDraining: drain.isDraining(),
    }));
    return createApp({ delivery, health, cloud: cloudName, trustProxy, onError });
  } catch (error) {
    // Each part checks its own options when it is created, and its message says what is wrong.
    throw usageError(error instanceof Error ? error.message : String(error), error);
  }
}

function cannotListen(error: unknown, { port, host }: ServeOptions): Error {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return failure(
        `port ${port} of ${host} is in use; stop the process that uses it, or choose another port (--port 0 takes any free port)`,
      );
    case 'EACCES':
      return failure(`this user may not listen on port ${port}; choose a port above 1023`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failure(
        `${host} is not an address of this machine; give one to --host, such as 127.0.0.1, or 0.0.0.0 for all of them`,
      );
    default:
      return failure(`cannot listen on ${urlOf(host, port)}: ${(error as Error).message}`, error);
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
