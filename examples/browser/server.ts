import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signUpload } from '@safelight/client/sign';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';
import { build } from 'vite';
import { pageHeaders } from '../quickstart/page-headers.ts';

const { PORT = '3000', HOST = '127.0.0.1', DATA, BACKOFF_MS = '20000' } = process.env;
const directory = DATA || (await mkdtemp(join(tmpdir(), 'safelight-gallery-')));

// A switch on the page makes every new derivation fail, to show how pictures behave then.
const lab = sharpHandler();
let isDown = false;
const handler = Object.assign(
  (...job: Parameters<typeof lab>) =>
    // Placeholders have no version, and are still made.
    isDown && job[1].original.version > 0 ? Promise.reject(new Error('The lab is down')) : lab(...job),
  { probe: lab.probe },
);

const safelight = createSafelight({
  placeholder: 'drawn',
  // The default is a minute, which is long for a demonstration.
  backoff: { permanent: { firstMs: Number(BACKOFF_MS) }, transient: { firstMs: 4_000 } },
  onError: () => {},
});
const app = express();
app.disable('x-powered-by');

/** The number of requests for each picture, by path. The page cannot count them. */
const requestCounts = new Map<string, { times: number; unchanged: number }>();
app.use('/demo/image', ({ baseUrl, path }, res, next) => {
  const count = requestCounts.get(baseUrl + path) ?? { times: 0, unchanged: 0 };
  requestCounts.set(baseUrl + path, count);
  count.times += 1;
  res.once('finish', () => {
    if (res.statusCode === 304) count.unchanged += 1;
  });
  next();
});
app.get('/requests', ({ query }, res) => {
  res.set('Cache-Control', 'no-store').json(requestCounts.get(String(query['path'])) ?? { times: 0, unchanged: 0 });
});
app.put('/lab/:state', ({ params }, res) => {
  isDown = params.state === 'down';
  res.sendStatus(204);
});

// The cloud accepts only uploads that this route has signed. An application also checks its session, with `authorize`.
const credentials = { apiKey: 'gallery', apiSecret: randomBytes(24).toString('base64url') };
const sign = signUpload({
  ...credentials,
  // Pictures get random IDs, except those that the page requests before they exist.
  allow: { publicId: /early-[a-z0-9]+/ },
});
app.post('/sign', sign.express);

app.use(cloud(safelight, 'demo', { originals: fileOriginals({ directory }), handler, ...credentials }));

// Vite builds the page from index.html and src/.
const outDir = join(directory, 'page');
await build({ root: import.meta.dirname, configFile: false, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
app.use(pageHeaders(), express.static(outDir));

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`gallery on http://localhost:${(server.address() as AddressInfo).port}`);
});
