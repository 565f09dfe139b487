import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';
import { build } from 'vite';

const { PORT = '3000', HOST = '127.0.0.1', DATA } = process.env;
const directory = DATA || (await mkdtemp(join(tmpdir(), 'safelight-gallery-')));

// A switch on the page makes every new derivation fail, to show what becomes of pictures then.
const lab = sharpHandler();
let isDown = false;
const handler = Object.assign(
  (...job: Parameters<typeof lab>) => (isDown ? Promise.reject(new Error('The lab is down')) : lab(...job)),
  { probe: lab.probe },
);

const safelight = createSafelight({ passing: { firstMs: 4_000 }, onError: () => {} });
const app = express();
app.disable('x-powered-by');

/** How often each picture has been asked for: by path, as the page cannot know it. */
const asked = new Map<string, number>();
app.use('/demo/image', ({ baseUrl, path }, _res, next) => {
  asked.set(baseUrl + path, (asked.get(baseUrl + path) ?? 0) + 1);
  next();
});
app.get('/asked', ({ query }, res) => {
  res.set('Cache-Control', 'no-store').json(asked.get(String(query['path'])) ?? 0);
});
app.put('/lab/:state', ({ params }, res) => {
  isDown = params.state === 'down';
  res.sendStatus(204);
});

app.use(safelight.cloud('demo', { originals: fileOriginals({ directory }), handler, uploadPresets: ['gallery'] }));

// The page, as Vite makes it of index.html and src/.
const outDir = join(directory, 'page');
await build({ root: import.meta.dirname, configFile: false, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
app.use(express.static(outDir));

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`gallery on http://localhost:${(server.address() as AddressInfo).port}`);
});
