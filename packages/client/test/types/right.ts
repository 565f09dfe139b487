// The same things done right: nothing here may be refused.
import { type AssetRef, type Client, createClient, type DeliveryUrl, type UploadedAsset } from '@safelight/client';
import { createAsset } from '@safelight/client/url';

declare const file: File;
declare const img: HTMLImageElement;

const client: Client = createClient({
  endpoint: 'http://localhost:3000',
  cloudName: 'demo',
  uploadPreset: 'quickstart',
});

const task = client.upload(file, { onProgress: ({ phase, sentBytes }) => console.log(phase, sentBytes) });
for await (const { totalBytes } of task) {
  console.log(totalBytes);
}
const asset: UploadedAsset = await task;
const url: DeliveryUrl = asset.url({ width: 300, crop: 'fill' });
img.src = url;
img.src = asset.url([
  { width: 300, crop: 'fill' },
  { effect: 'grayscale', format: 'auto' },
]);
Object.assign(img, asset.attrs({ width: 300, alt: 'A cat', sizes: '100vw' }));

const [first, second] = await Promise.all([client.upload(file), client.upload(await file.arrayBuffer())]);
const stored: AssetRef = first.toJSON();
client.asset(JSON.parse(JSON.stringify(second))).url();
createAsset(stored, { endpoint: 'http://localhost:3000', cloudName: 'demo' }).url();

const found: string | undefined = (await client.find('cat'))?.url();
const text: string = client.dangerouslyBuildUrl('cat.jpg', { width: 300 });
const { verdict } = await client.why(text);
console.log(found, verdict);

{
  using upload = client.upload(file);
  console.log(upload.phase, upload.publicId);
}
