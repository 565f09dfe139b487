import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignUploadOptions } from '@safelight/client/sign';
import { apiKey, apiSecret } from './sign-upload.ts';

/** The routes of these tests: each user has a folder, and nothing is replaced. */
export const siteOptions: SignUploadOptions = {
  apiKey,
  apiSecret,
  allow: {
    publicId: /users\/42\/[a-z0-9-]+/,
    tags: ['pet', 'two words & more'],
    eager: [{ width: 10, crop: 'fit' }, [{ width: 20 }, { angle: 90 }]],
    uploadPreset: 'browser',
  },
};

export interface HttpSite {
  readonly origin: string;
  close(): Promise<void>;
}

export async function listen(listener: RequestListener): Promise<HttpSite> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
