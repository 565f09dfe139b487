import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import react from '@vitejs/plugin-react';
import express from 'express';
import { build } from 'vite';
import { pageHeaders } from '../quickstart/page-headers.ts';

const { PORT = '3000', HOST = '127.0.0.1', DATA } = process.env;
const directory = DATA || (await mkdtemp(join(tmpdir(), 'safelight-react-')));

// A switch on the page makes uploads or pictures fail, to show what visitors see then.
let state = 'up';
const pictures = sharpHandler();
const handler = Object.assign(
  (...job: Parameters<typeof pictures>) =>
    state === 'pictures' ? Promise.reject(new Error('No pictures at present')) : pictures(...job),
  { probe: pictures.probe },
);

const safelight = createSafelight({ backoff: { transient: { firstMs: 2_000 } }, onError: () => {} });
const app = express();
app.disable('x-powered-by');
app.put('/server/:state', ({ params }, res) => {
  state = params.state;
  res.sendStatus(204);
});
app.post('/v1_1/{*path}', (req, res, next) => {
  if (state !== 'uploads') return next();
  // The body is read first. Otherwise the browser would report a lost connection for a large file.
  req.once('end', () => res.status(403).json({ error: { message: 'The server refuses uploads at present.' } }));
  req.resume();
});
app.use(cloud(safelight, 'demo', { originals: fileOriginals({ directory }), handler, uploadPresets: ['album'] }));

// Vite builds the page from index.html and src/. With NODE_ENV=development the page has React's development build.
const outDir = join(directory, 'page');
await build({
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'warn',
  plugins: [react()],
  build: { outDir, emptyOutDir: true },
});
app.use(pageHeaders(), express.static(outDir));

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`album on http://localhost:${(server.address() as AddressInfo).port}`);
});
