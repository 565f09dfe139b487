import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createSafelight, missingOriginal } from '@safelight/express';
import express, { type Express, type Request, type Response } from 'express';

/** The apps under measurement, each on a port of its own in one process, so that all share one warm runtime. */

const delayMs = 200;
let lookUps = 0;

const hello = (_req: Request, res: Response) => void res.send('hello');

/** Finds out after a while that the original is missing. */
async function find(): Promise<never> {
  lookUps += 1;
  await wait(delayMs);
  throw missingOriginal('cat');
}

function app(routes: (app: Express) => void): Express {
  const created = express();
  created.disable('x-powered-by');
  routes(created);
  return created;
}

async function listen(created: Express): Promise<number> {
  const server = created.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const safelight = createSafelight();
const guarded = app((routes) => {
  routes.get('/hello', safelight.guard(hello));
  routes.get(
    '/missing/:id',
    safelight.guard(() => {
      throw missingOriginal('cat');
    }),
  );
  routes.get('/sizes/:width', safelight.guard(find, { asset: () => 'cat' }));
  routes.get('/look-ups', (_req, res) => {
    res.json(lookUps);
    lookUps = 0;
  });
  routes.post('/changed', async (_req, res) => {
    await safelight.changed('cat');
    res.end();
  });
});
const guardedPort = await listen(guarded);

// The other side writes the very bytes and headers that the guard sends for a held failure.
await fetch(`http://127.0.0.1:${guardedPort}/missing/cat`);
const held = await fetch(`http://127.0.0.1:${guardedPort}/missing/cat`);
const body = Buffer.from(await held.arrayBuffer());
const { date, connection, 'keep-alive': keepAlive, ...headers } = Object.fromEntries(held.headers);

const bare = app((routes) => {
  routes.get('/hello', hello);
  routes.get('/missing/:id', (_req, res) => {
    res.writeHead(404, headers);
    res.end(body);
  });
  routes.get('/sizes/:width', async (_req, res) => {
    await wait(delayMs);
    res.status(404).send('Not found');
  });
});

process.on('disconnect', () => process.exit(0));
process.send?.({ guarded: guardedPort, bare: await listen(bare) });
