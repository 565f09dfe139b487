import { setTimeout as wait } from 'node:timers/promises';
import { createSafelight, missingOriginal } from '@safelight/express';
import express from 'express';
import { openStore } from '../open-store.ts';
import { announce } from './announce.ts';
import { createCloud } from './create-cloud.ts';
import { picture } from './picture.ts';
import { sendStream } from './send-stream.ts';

/**
 * An Express application with a guard around each kind of handler, and with a cloud. Started as
 * `guarded [redis|keyv, socket of a Redis]`.
 */

const [kind, socketPath] = process.argv.slice(2);
const safelight = createSafelight(socketPath === undefined ? {} : { store: await openStore(kind, socketPath) });
const app = express();
app.disable('x-powered-by');
app.get(
  '/hello',
  safelight.guard((_req, res: express.Response) => void res.send('hello')),
);
app.get('/stream', safelight.guard(sendStream));
app.get(
  '/missing/:id',
  safelight.guard(
    () => {
      throw missingOriginal('cat');
    },
    { errors: 'safelight' },
  ),
);
app.get(
  '/thumbs/:id',
  safelight.guard((_req, res: express.Response) => void res.type('jpeg').send(picture), { cache: true }),
);
const cloud = await createCloud(safelight);
app.use(cloud.handler);
app.get('/picture-of-cloud', (_req, res) => void res.json(cloud.path));

let lookUps = 0;
/** Takes 200 ms to find that the original is missing. */
async function findOriginal(): Promise<never> {
  lookUps += 1;
  await wait(200);
  throw missingOriginal('cat');
}
// In Safelight's words, because Express writes a stack trace for each error that comes to its own error handler.
app.get('/sizes/:width', safelight.guard(findOriginal, { asset: () => 'cat', errors: 'safelight' }));
app.get('/look-ups', (_req, res) => {
  res.json(lookUps);
  lookUps = 0;
});
app.post('/changed', async (_req, res) => {
  await safelight.changed('cat');
  res.end();
});
await announce(app);
