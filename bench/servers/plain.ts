import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { announce } from './announce.ts';
import { picture } from './picture.ts';
import { sendStream } from './send-stream.ts';

/** The same routes as `guarded`, without Safelight. */

const directory = mkdtempSync(join(tmpdir(), 'safelight-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
writeFileSync(join(directory, 'picture.jpg'), picture);

const app = express();
app.disable('x-powered-by');
app.use('/files', express.static(directory));
app.get('/hello', (_req, res) => void res.send('hello'));
app.get('/stream', sendStream);
app.get('/sizes/:width', async (_req, res) => {
  await wait(200);
  res.status(404).send('Not found');
});
await announce(app);
