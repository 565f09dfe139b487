import { createSafelight, missingOriginal } from '@safelight/express';
import express from 'express';
import { announce } from './announce.ts';
import { createCloud } from './create-cloud.ts';

/** An application behind `listener`. All its mounts respond early. */

const safelight = createSafelight();
const app = express();
app.disable('x-powered-by');
const cloud = await createCloud(safelight, { early: true });
app.use(cloud.handler);
app.get('/picture-of-cloud', (_req, res) => void res.json(cloud.path));
app.use(
  '/missing',
  safelight.guard(
    () => {
      throw missingOriginal('cat');
    },
    { early: '/missing', errors: 'safelight' },
  ),
);
await announce(safelight.listener(app));
