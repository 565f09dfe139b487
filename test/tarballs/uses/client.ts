import { writeFile } from 'node:fs/promises';
import { createClient } from '@safelight/client';
import { defineSafelightImg, heal } from '@safelight/client/image';
import { assetSrc, createLoader } from '@safelight/client/next';
import { fileFromPath } from '@safelight/client/node';
import { createProvider } from '@safelight/client/nuxt';
import { signUpload } from '@safelight/client/sign';
import { createTransformer } from '@safelight/client/unpic';
import { createUploader, signAt } from '@safelight/client/upload';
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
const signing = new Request(`${origin}/sign`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{}',
});
console.log(
  JSON.stringify({
    early: early.verdict,
    says: formatDiagnosis(early).includes('missing_original'),
    signs: (await signUpload({ apiKey: 'key', apiSecret: 'secret' })(signing)).status,
    found: (await client.find('cat'))?.version === asset.version,
    statuses,
    inPages: [typeof heal, typeof defineSafelightImg, typeof signAt],
  }),
);
await close();
