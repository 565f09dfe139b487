import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';
import sharp from 'sharp';
import { pageHeaders } from './page-headers.ts';

const {
  PORT = '3000',
  HOST = '127.0.0.1',
  DATA,
  API_KEY = 'quickstart',
  API_SECRET = randomBytes(24).toString('base64url'),
} = process.env;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Without DATA, each start has a new, empty folder.
const directory = DATA || (await mkdtemp(join(tmpdir(), 'safelight-quickstart-')));
const originals = fileOriginals({ directory });
const derivatives = fileDerivatives({ directory: join(directory, 'derivatives') });

const safelight = createSafelight({ placeholder: 'drawn', derivatives });
const delivery = cloud(safelight, 'demo', {
  originals,
  handler: sharpHandler(),
  apiKey: API_KEY,
  apiSecret: API_SECRET,
  uploadPresets: ['quickstart'],
});

// The first picture: /demo/image/upload/c_fill,h_200,w_300/sample.jpg
const sample = { resourceType: 'image', publicId: 'sample' } as const;
if ((await originals.find(sample)) === undefined) {
  const picture = sharp(here('sample.svg')).jpeg({ quality: 88 });
  const received = await originals.receive(picture, { maxBytes: 10_000_000 });
  await originals.publish(received, { ...sample, format: 'jpg', width: 1500, height: 1000 });
}

const app = express();
app.disable('x-powered-by');
app.use(delivery);
app.use(pageHeaders(await readFile(here('public/index.html'), 'utf8')), express.static(here('public')));
// The page imports these packages as they are published, without a bundler and without another server.
for (const name of ['@safelight/client', '@safelight/protocol', 'ky']) {
  app.use(`/modules/${name}`, express.static(fileURLToPath(new URL('.', import.meta.resolve(name)))));
}

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`quickstart on http://localhost:${(server.address() as AddressInfo).port}`);
});
