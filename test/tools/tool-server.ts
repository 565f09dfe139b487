import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServeOptions, serve } from '@safelight/cli';

export const apiKey = '1234';
export const apiSecret = 'safelight-secret';

/** `Authorization` of a call of the Admin API. */
export const basic = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;

/** A server that `safelight serve` would start, for the tools of Cloudinary. */
export interface ToolServer {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** The lines for the operator. */
  readonly said: readonly string[];
  close(): Promise<void>;
}

const second = 1_000;
const backoff: ServeOptions['backoff'] = {
  permanent: { firstMs: 60 * second, maxMs: 86_400 * second },
  transient: { firstMs: second, maxMs: 300 * second },
};

/** Starts a server on a free port, with an index of its assets and the named transformation `thumb`. */
export async function startToolServer(options: Partial<ServeOptions> = {}): Promise<ToolServer> {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-tools-'));
  const transformations = join(folder, 'transformations.json');
  await writeFile(transformations, JSON.stringify({ thumb: 'c_fill,w_20,h_20' }));
  const said: string[] = [];
  const server = await serve({
    ...{ port: 0, host: '127.0.0.1', data: join(folder, 'data'), cacheMegabytes: 64, keepVersions: 3 },
    ...{ index: 'embedded', cloud: 'demo', placeholder: 'none', transformations, remoteFiles: undefined },
    ...{ apiKey, apiSecret, uploadPresets: ['quickstart'], store: undefined },
    ...{ deliveryOrigin: undefined, trustProxy: undefined, say: (line: string) => void said.push(line), backoff },
    ...options,
  });
  return {
    origin: server.url,
    said,
    close: async () => {
      await server.close(second);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
