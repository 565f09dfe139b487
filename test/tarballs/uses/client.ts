import { writeFile } from 'node:fs/promises';
import { createClient } from '@safelight/client';
import { defineSafelightImg, heal } from '@safelight/client/image';
import { assetSrc, createLoader } from '@safelight/client/next';
import { fileFromPath } from '@safelight/client/node';
import { createProvider } from '@safelight/client/nuxt';
import { createTransformer } from '@safelight/client/unpic';
import { createUploader } from '@safelight/client/upload';
import { createAsset, imgAttrs } from '@safelight/client/url';
import { formatDiagnosis, why } from '@safelight/client/why';
import { startCloud } from './start-cloud.ts';

const { origin, picture, close } = await startCloud();
const place = { endpoint: origin, cloudName: 'demo' };
await writeFile('cat.png', Buffer.from(await picture.arrayBuffer()));

const client = createClient({ ...place, uploadPreset: 'open' });
const early = await why(`${origin}/demo/image/upload/cat.png`);
const asset = await client.upload(await fileFromPath('cat.png'), { publicId: 'cat' });
const second = await createUploader({ ...place, uploadPreset: 'open' })(picture, { publicId: 'dog' });

const src = assetSrc(asset);
const urls = [
  asset.url({ width: 30 }),
  second.url({ width: 30 }),
  createAsset(asset.toJSON(), place).url({ width: 20 }),
  imgAttrs(asset, { width: 30, alt: 'A cat' }).src,
  createLoader(place)({ src, width: 16 }),
  createProvider(place)().getImage(src, { modifiers: { width: 17 } }).url,
  createTransformer(place)(src, { width: 18 }),
];
const statuses = await Promise.all(urls.map(async (url) => (await fetch(url)).status));
console.log(
  JSON.stringify({
    early: early.verdict,
    says: formatDiagnosis(early).includes('missing_original'),
    found: (await client.find('cat'))?.version === asset.version,
    statuses,
    inPages: [typeof heal, typeof defineSafelightImg],
  }),
);
await close();
