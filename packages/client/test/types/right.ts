// Correct code: the compiler must not report an error here.
import {
  type AssetRef,
  type AttrsOptions,
  type Client,
  createClient,
  type DeliveryUrl,
  type Picture,
  type UploadedAsset,
} from '@safelight/client';
import { heal } from '@safelight/client/image';
import { assetSrc, createLoader } from '@safelight/client/next';
import { createProvider } from '@safelight/client/nuxt';
import { imgProps, type SafelightImage, useUpload, useUploads } from '@safelight/client/react';
import { type NodeRequest, type NodeResponse, signUpload } from '@safelight/client/sign';
import { createTransformer } from '@safelight/client/unpic';
import { createUploader, signAt } from '@safelight/client/upload';
import { createAsset, imgAttrs, isSafelightError } from '@safelight/client/url';
import { formatDiagnosis, why } from '@safelight/client/why';

declare const file: File;
declare const img: HTMLImageElement;

const place = { endpoint: 'http://localhost:3000', cloudName: 'demo' };
const client: Client = createClient({ ...place, uploadPreset: 'quickstart' });

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
asset.url({ width: '0.5', height: 'ih', angle: [90, 'hflip'], radius: [20, 0], effect: 'blur:300', x: -5 });

const face: Picture = asset.transform({ crop: 'crop', width: 400, height: 400, x: 40, y: 20 }).transform({ angle: 90 });
img.src = face.url({ width: 200 });

Object.assign(img, imgAttrs(asset, { width: 300, alt: 'A cat' }));
Object.assign(img, imgAttrs(asset, { width: 300, height: 100, gravity: 'north', quality: 80, alt: '' }));
Object.assign(img, imgAttrs(asset, { layout: 'constrained', width: 300, sizes: '50vw', widths: [300, 600], alt: '' }));
Object.assign(img, imgAttrs(face, { layout: 'fixed', width: 64, radius: 'max', format: 'auto', alt: '' }));
Object.assign(img, imgAttrs(face, { layout: 'full-width', alt: '' }));
const options: AttrsOptions = { layout: 'full-width', width: 1600, height: 900, sizes: '100vw', alt: '' };
const { src, srcset, sizes, width, height, alt } = imgAttrs(asset, options);
console.log(src, srcset, sizes, width, height, alt);

const [first, second] = await Promise.all([client.upload(file), client.upload(await file.arrayBuffer())]);
client.upload(new Uint8Array(3));
client.upload(new Blob(['cat']));
const stored: AssetRef = first.toJSON();
const parsed: unknown = JSON.parse('{}');
client.asset(JSON.parse(JSON.stringify(second))).url();
client.asset(parsed).url();
client.asset(first).url();
createAsset(stored, place).url();
createAsset(parsed, place).url();
createAsset(await task, place).url();

const found: string | undefined = (await client.find('cat'))?.url();
const text: string = client.dangerouslyBuildUrl('cat.jpg', { width: 300 });
const diagnosis = await client.why(text);
console.log(found, diagnosis.verdict, formatDiagnosis(await why(text)));

heal(img, task, { attrs: (uploaded) => imgAttrs(uploaded, { width: 300, alt: 'A cat' }) }).retry();
heal(img, asset, { transformation: { width: 300 } })[Symbol.dispose]();
createLoader(place)({ src: assetSrc(stored), width: 300 });
createProvider(place)().getImage(assetSrc(asset), { modifiers: { width: 300 } });
createTransformer(place)(assetSrc(asset), { width: 300 });
createClient({ ...place, sign: signAt('/sign', { headers: () => ({ authorization: 'Bearer me' }) }) });
await createUploader(place)(file, { publicId: 'cat', eager: [{ width: 300 }, [{ width: 5 }, { angle: 90 }]] });

try {
  await task;
} catch (error) {
  if (isSafelightError(error) && error.code === 'rejected') console.log(error.status, error.hint, error.retryable);
}

{
  using upload = client.upload(file);
  console.log(upload.phase, upload.publicId);
}

{
  const keys = { apiKey: 'my-key', apiSecret: 'my-secret' };
  const allow = { publicId: /pets\/\w+/, overwrite: false, tags: ['pet'], eager: [{ width: 300 }] } as const;
  const sign = signUpload({ ...keys, allow });
  const response: Response = await sign(new Request('https://site.example/sign', { method: 'POST' }));
  take(sign.express);
  // The request of the framework is inferred from one annotated parameter, for all functions.
  interface ServerRequest extends NodeRequest {
    readonly user?: { readonly id: string };
  }
  const bySession = signUpload({
    ...keys,
    authorize: (request: ServerRequest) => request.user !== undefined,
    allow: {
      publicId: (publicId, request) => publicId.startsWith(`users/${request.user?.id}/`),
      tags: async () => true,
    },
  });
  take(bySession.express);
  const byCookie = signUpload({ ...keys, authorize: (request: Request) => request.headers.has('cookie') });
  console.log(response.status, await byCookie(new Request('https://site.example/sign')));
}

function take(handler: (req: NodeRequest, res: NodeResponse, next: (error?: unknown) => void) => void): void {
  console.log(handler);
}

function usePictures(): readonly object[] {
  const single = useUpload(client);
  const { items, totals, add } = useUploads<Blob>({ upload: createUploader(place) }, { abortOnUnmount: false });
  single.start(undefined)?.then((uploaded) => uploaded.url());
  add(document.querySelector('input')?.files ?? [], (blob, index) => ({ publicId: `${index}-${blob.size}` }));
  single.asset?.url({ width: totals.ready });
  return items.map(({ asset: ready, task: running, error }) => [ready ?? running, error?.message]);
}
const image: Parameters<typeof SafelightImage>[0] = {
  source: asset,
  layout: 'full-width',
  alt: 'A cat',
  transformation: { angle: 90 },
  className: 'round',
  onState: (state, { code }, retry) => (state === 'gave-up' && code === undefined ? retry() : undefined),
};
console.log(usePictures, image, imgProps(asset, { width: 300, alt: 'A cat' }).srcSet);
