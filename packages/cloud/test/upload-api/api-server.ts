import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetId, Originals } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import type { Delivery } from '@safelight/protocol';
import { sharpHandler } from '@safelight/sharp';
import { uploadApi } from '../../src/upload-api/upload-api.ts';
import type { UploadApiOptions } from '../../src/upload-api/upload-api-options.ts';
import type { ReceivedPartsOf } from '../../src/upload-api/upload-registry.ts';

export const apiKey = '1234';
export const apiSecret = 'safelight-secret';

export interface ApiServer {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** `<origin>/v1_1/demo`. */
  readonly apiUrl: string;
  readonly originals: Originals;
  /** The folder of the originals. */
  readonly directory: string;
  /** The assets that `changed` was called with, such as `image/cat`. */
  readonly changes: string[];
  readonly derived: Delivery[];
  readonly faults: unknown[];
  readonly receivedParts: ReceivedPartsOf;
  /** The names of the files that are not published yet. */
  temporaryFiles(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Serves the API on a free port, with originals in a temporary folder. `wrap` may replace their functions.
 * @param shared - the folder of another server. @default a new one
 */
export async function startApi(
  overrides: Partial<UploadApiOptions> = {},
  wrap: (originals: Originals) => Originals = (originals) => originals,
  shared?: string,
): Promise<ApiServer> {
  const directory = shared ?? (await mkdtemp(join(tmpdir(), 'safelight-api-')));
  const originals = wrap(fileOriginals({ directory }));
  const changes: string[] = [];
  const derived: Delivery[] = [];
  const faults: unknown[] = [];
  const { respond, receivedParts } = uploadApi({
    cloudName: 'demo',
    originals,
    handler: sharpHandler(),
    apiKey,
    apiSecret,
    uploadPresets: ['quickstart'],
    changing: () => () => {},
    announce: async () => undefined,
    changed: async ({ resourceType, publicId }: AssetId) => {
      changes.push(`${resourceType}/${publicId}`);
    },
    derive: async (delivery) => {
      derived.push(delivery);
      return { contentType: 'image/jpeg', format: 'jpg', body: Buffer.alloc(7), width: 40, height: 30 };
    },
    forget: async () => {},
    onError: (error) => faults.push(error),
    ...overrides,
  });
  const server = createServer(async (req, res) => {
    if (!(await respond(req, res))) res.writeHead(404).end('passed on');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    apiUrl: `${origin}/v1_1/demo`,
    originals,
    directory,
    changes,
    derived,
    faults,
    receivedParts,
    temporaryFiles: async () => [
      ...(await readdir(join(directory, 'tmp')).catch(() => [])),
      ...(await readdir(join(directory, 'unfinished'), { recursive: true }).catch(() => [])).filter((name) =>
        name.endsWith('.part'),
      ),
    ],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const basic = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;

/** A multipart body. `file` is last, as in the SDKs. */
export function form(
  fields: Readonly<Record<string, string>>,
  file?: Uint8Array<ArrayBuffer>,
  name = 'sample.png',
): FormData {
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(field, value);
  if (file !== undefined) body.append('file', new Blob([file]), name);
  return body;
}

/** Signs parameters without the SDK. */
export function signed(fields: Readonly<Record<string, string>>, at = Date.now()): Record<string, string> {
  const all: Record<string, string> = { ...fields, timestamp: String(Math.floor(at / 1000)) };
  const text = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]?.replaceAll('&', '%26')}`)
    .join('&');
  return {
    ...all,
    api_key: apiKey,
    signature: createHash('sha1')
      .update(text + apiSecret)
      .digest('hex'),
  };
}
