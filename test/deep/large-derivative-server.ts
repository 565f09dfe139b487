/**
 * A server in a process of its own. Its handlers make a large derivative, and stop where the parent process tells them to:
 * `node large-derivative-server.ts <directory> <megabytes> <files | memory>`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import express from 'express';
import { gate } from '../story/gate.ts';
import { largeBytes, nextTurn } from './large-bytes.ts';
import type { LargeServerState } from './large-server.ts';

const [directory = '', megabytes = '', place = ''] = process.argv.slice(2);
const count = Number(megabytes);
const faults: string[] = [];
let upTo = Number.POSITIVE_INFINITY;
const limit = gate();
limit.close();
let [requests, runs, madeMegabytes, startBytes, peakBytes] = [0, 0, 0, 0, 0];

function measure(): void {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}

function make(): Readable {
  runs += 1;
  const turn = async (made: number): Promise<void> => {
    madeMegabytes = made;
    while (made >= upTo) await limit.pass();
    measure();
    await nextTurn();
  };
  return Readable.from(largeBytes(count, turn), { objectMode: false });
}

const safelight = createSafelight({
  onError: (error) => faults.push(String(error)),
  ...(place === 'files'
    ? { derivatives: fileDerivatives({ directory: join(directory, 'derivatives'), maxBytes: 8 * count * 1024 ** 2 }) }
    : {}),
});
const app = express();
app.use((_req, _res, next) => {
  requests += 1;
  next();
});
app.get(
  '/guard',
  safelight.guard(
    (_req, res) => {
      res.setHeader('Content-Type', 'video/mp4');
      make().pipe(res);
    },
    { cache: true },
  ),
);
app.use(
  cloud(safelight, 'demo', {
    originals: fileOriginals({ directory: join(directory, 'originals') }),
    handler: async () => ({ contentType: 'image/png', format: 'png', body: make() }),
  }),
);

setInterval(measure, 5).unref();
process.on('message', (order: { readonly upTo?: number }) => {
  if (order.upTo !== undefined) {
    upTo = order.upTo;
    limit.open();
    limit.close();
  }
  measure();
  const state: LargeServerState = { requests, runs, madeMegabytes, grownBytes: peakBytes - startBytes, faults };
  process.send?.(state);
});
process.on('disconnect', () => process.exit(0));
const server = createServer(app).listen(0, '127.0.0.1', () => {
  startBytes = process.memoryUsage.rss();
  process.send?.((server.address() as AddressInfo).port);
});
