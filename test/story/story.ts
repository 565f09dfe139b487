import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@safelight/client';
import { type CloudOptions, cloud } from '@safelight/cloud';
import type { Handler, Originals } from '@safelight/core';
import { createSafelight, type Safelight, type SafelightOptions } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { formatTransformation, uploadStringToSign } from '@safelight/protocol';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';
import { freshSdk } from '../../packages/cloud/test/upload-api/fresh-sdk.ts';
import { type Asker, asker } from './ask.ts';
import { type Gate, gate } from './gate.ts';

export const apiKey = '1234';
export const apiSecret = 'safelight-secret';
export const basicAuth = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
type Sdk = ReturnType<typeof freshSdk>;
let loadedSdk: Sdk | undefined;

export interface StoryOptions {
  /** The time at the start, in Unix seconds: the version of the first upload. @default now, since SDKs sign the time */
  readonly firstVersion?: number;
  /** @default true */
  readonly hasCredentials?: boolean;
  readonly safelight?: SafelightOptions;
  readonly cloud?: Partial<CloudOptions>;
  /** Wraps the real handler. */
  readonly handler?: (real: Handler) => Handler;
}

export interface Story extends Asker {
  readonly origin: string;
  readonly firstVersion: number;
  /** Publishes without telling the guard. */
  readonly originals: Originals;
  readonly safelight: Safelight;
  readonly client: Client;
  readonly sdk: Sdk;
  /** The time for signed SDK calls, which must be that of the story's clock. */
  readonly timestamp: () => number;
  readonly now: () => number;
  readonly pass: (ms: number) => void;
  /** Every look-up of an original, `cat` or `cat@1719307544`, in order. */
  readonly searches: string[];
  /** Every run, successful or not: `c_fill,h_200,w_300 cat`. */
  readonly runs: string[];
  /** Stops a look-up after it has looked. */
  readonly searchGate: Gate;
  /** Stops a run after it has received its original. */
  readonly runGate: Gate;
  readonly faults: unknown[];
  /** The paths of all files below the folder of originals. */
  files(): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** Starts an Express application with a cloud, with a folder and a clock of its own. Requests are real HTTP. */
export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-story-'));
  const { firstVersion = Math.floor(Date.now() / 1000) } = options;
  let time = firstVersion * 1000;
  const now = () => time;
  const searches: string[] = [];
  const runs: string[] = [];
  const faults: unknown[] = [];
  const searchGate = gate();
  const runGate = gate();

  const originals = fileOriginals({ directory, clock: now });
  const watched: Originals = {
    ...originals,
    async find(asset, version) {
      searches.push(version === undefined ? asset.publicId : `${asset.publicId}@${version}`);
      const original = await originals.find(asset, version);
      await searchGate.pass();
      return original;
    },
  };
  const sharp = sharpHandler();
  const make = options.handler?.(sharp) ?? sharp;
  const handler: Handler = Object.assign(
    async (...[delivery, context]: Parameters<Handler>) => {
      const text = formatTransformation(delivery.transformation);
      runs.push(`${text} ${context.original.publicId}`.trim());
      await runGate.pass();
      return make(delivery, context);
    },
    { probe: sharp.probe },
  );

  const safelight = createSafelight({ clock: now, onError: (error) => faults.push(error), ...options.safelight });
  const app = express();
  app.disable('x-powered-by');
  app.use(
    cloud(safelight, 'demo', {
      originals: watched,
      handler,
      ...(options.hasCredentials === false ? {} : { apiKey, apiSecret }),
      uploadPresets: ['quickstart'],
      ...options.cloud,
    }),
  );
  app.use((_req, res) => void res.status(404).end('passed on'));

  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const timestamp = () => Math.floor(now() / 1000);
  const asks = asker(port);
  return {
    ...asks,
    origin,
    firstVersion,
    originals,
    safelight,
    get client() {
      return createClient({
        endpoint: origin,
        cloudName: 'demo',
        sign: async (parameters) => {
          const text = uploadStringToSign({ ...parameters, timestamp: String(timestamp()) }, 2);
          const signature = createHash('sha1').update(`${text}${apiSecret}`).digest('hex');
          return { signature, timestamp: timestamp(), apiKey };
        },
      });
    },
    get sdk() {
      loadedSdk ??= freshSdk(origin);
      loadedSdk.config({ cloud_name: 'demo', api_key: apiKey, api_secret: apiSecret, upload_prefix: origin });
      return loadedSdk;
    },
    timestamp,
    now,
    pass: (ms) => {
      time += ms;
    },
    searches,
    runs,
    searchGate,
    runGate,
    faults,
    files: async () => (await readdir(directory, { recursive: true })).sort(),
    end: async () => {
      searchGate.open();
      runGate.open();
      asks.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
