import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createSafelight } from '@safelight/express';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import express from 'express';
import { largeBytes } from './large-bytes.ts';

/** A server with little memory, whose handlers make something large: `node … <directory> <megabytes>`. */

const [directory = '', megabytes = '0'] = process.argv.slice(2);
const count = Number(megabytes);
const runs = { guard: 0, cloud: 0 };

const safelight = createSafelight({
  derivatives: fileDerivatives({ directory: join(directory, 'derivatives'), maxBytes: 4 * count * 1024 ** 2 }),
});
const originals = fileOriginals({ directory: join(directory, 'originals') });
const received = await originals.receive(Readable.from([Buffer.from('original')]), { maxBytes: 100 });
await originals.publish(received, { resourceType: 'image', publicId: 'large', format: 'png' });

const app = express();
app.get(
  '/guard',
  safelight.guard(
    async (_req, res) => {
      runs.guard += 1;
      res.setHeader('Content-Type', 'video/mp4');
      await pipeline(Readable.from(largeBytes(count)), res);
    },
    { keep: true },
  ),
);
app.use(
  safelight.cloud('demo', {
    originals,
    handler: async () => {
      runs.cloud += 1;
      return { contentType: 'image/png', format: 'png', body: Readable.from(largeBytes(count), { objectMode: false }) };
    },
  }),
);

process.on('message', () => process.send?.({ runs, residentBytes: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit(0));
const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
