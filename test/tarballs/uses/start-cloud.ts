import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import sharp from 'sharp';

/** Starts a cloud in plain `node:http`, and makes a picture of 60 by 40 pixels for it. */
export async function startCloud() {
  const delivery = cloud(createSafelight(), 'demo', {
    originals: fileOriginals({ directory: `cloud-${process.pid}` }),
    handler: sharpHandler(),
    uploadPresets: ['open'],
  });
  const server = createServer((req, res) => delivery(req, res, () => res.writeHead(404).end())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pixels = sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    picture: new Blob([new Uint8Array(await pixels.png().toBuffer())], { type: 'image/png' }),
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
