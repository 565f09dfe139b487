import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSafelight, missingOriginal } from '@safelight/express';
import { runtimeOf } from '@safelight/express/runtime';
import express, { type ErrorRequestHandler } from 'express';

const safelight = createSafelight();
const originals = new Set<string>();
let runs = 0;
const app = express();
app.get(
  '/thumbs/:id',
  safelight.guard(
    (_req, res) => {
      runs += 1;
      if (!originals.has('cat')) throw missingOriginal('cat');
      res.end('picture');
    },
    { asset: () => 'cat' },
  ),
);
const toStatus: ErrorRequestHandler = (error, _req, res, _next) => void res.status(error.status).end();
app.use(toStatus);
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const ask = async () => {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/thumbs/cat`);
  await response.text();
  return response.status;
};
const statuses = [await ask(), await ask()];
originals.add('cat');
await safelight.changed('cat');
statuses.push(await ask());
console.log(JSON.stringify({ statuses, runs, hasRuntime: runtimeOf(safelight) !== undefined }));
server.close();
server.closeAllConnections();
