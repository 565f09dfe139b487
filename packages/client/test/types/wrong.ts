// Every statement here is a mistake that the compiler must report. `// ^ CODE words` describes the line above it. When
// a version has another code for the same words: `// ^ CODE (7: OTHER) words`.
import type { AssetRef, Client, DeliveryUrl, UploadedAsset, UploadTask } from '@safelight/client';
import * as everything from '@safelight/client';
import { heal } from '@safelight/client/image';
import { assetSrc, createLoader } from '@safelight/client/next';
import { type NodeRequest, type NodeResponse, signUpload } from '@safelight/client/sign';
import { createAsset, dangerouslyBuildUrl, imgAttrs } from '@safelight/client/url';

declare const client: Client;
declare const task: UploadTask;
declare const file: Blob;
declare const img: HTMLImageElement;
declare const ref: AssetRef;
declare const asset: UploadedAsset;
declare const place: { endpoint: string; cloudName: string };
declare function show(asset: UploadedAsset): void;
declare function cache(url: DeliveryUrl): void;
declare function load(): Promise<AssetRef>;
declare const keys: { apiKey: string; apiSecret: string };
declare const nodeRequest: NodeRequest;
declare const nodeResponse: NodeResponse;

task.url();
// ^ TS2339 Property 'url' does not exist on type 'UploadTask'. Did you forget to use 'await'?

client.upload(file).url({ width: 300 });
// ^ TS2339 Property 'url' does not exist on type 'UploadTask'. Did you forget to use 'await'?

task.transform({ width: 300 });
// ^ TS2339 Property 'transform' does not exist on type 'UploadTask'. Did you forget to use 'await'?

imgAttrs(task, { width: 300, alt: '' });
// ^ TS2345 (7: TS2739) Type 'UploadTask' is missing the following properties from type 'Picture': url, transform Did you forget to use 'await'?

show(task);
// ^ TS2345 (7: TS2740) comes from await client.upload(), client.find() or client.asset() Did you forget to use 'await'?

client.asset(task);
// ^ TS2345 (7: TS2739) type 'AssetRef' Did you forget to use 'await'?

createAsset(task, place);
// ^ TS2345 (7: TS2739) type 'AssetRef' Did you forget to use 'await'?

createAsset(load(), place).url();
// ^ TS2345 (7: TS2739) Type 'Promise<AssetRef>' is missing the following properties from type 'AssetRef': publicId Did you forget to use 'await'?

client.find('cat').url();
// ^ TS2339 Property 'url' does not exist on type 'Promise<UploadedAsset | undefined>'.

img.src = task;
// ^ TS2322 Type 'UploadTask' is not assignable to type 'string'.

img.src = asset;
// ^ TS2322 Type 'UploadedAsset' is not assignable to type 'string'.

show({ ...ref, url: asset.url, transform: asset.transform, toJSON: () => ref });
// ^ TS2345 (7: TS2739) comes from await client.upload(), client.find() or client.asset()

show(ref);
// ^ TS2345 (7: TS2739) comes from await client.upload(), client.find() or client.asset()

export const spread: UploadedAsset = { ...ref };
// ^ TS2739 comes from await client.upload(), client.find() or client.asset()

new everything.UploadedAsset(ref);
// ^ TS2339 Property 'UploadedAsset' does not exist

cache('https://h.example/demo/image/upload/cat.jpg');
// ^ TS2345 'string' is not assignable to parameter of type 'DeliveryUrl'

cache(`${asset.url()}?w=300`);
// ^ TS2345 'string' is not assignable to parameter of type 'DeliveryUrl'

export const url: DeliveryUrl = client.dangerouslyBuildUrl('cat', { width: 300 });
// ^ TS2322 Type 'string' is not assignable to type 'DeliveryUrl'.

export const early: DeliveryUrl = dangerouslyBuildUrl(place, 'cat');
// ^ TS2322 Type 'string' is not assignable to type 'DeliveryUrl'.

(await client.find('cat')).url();
// ^ TS2532 Object is possibly 'undefined'.

asset.url({ widht: 300 });
// ^ TS2353 'widht' does not exist in type 'TransformationInput'.

asset.url({ crop: 'fil' });
// ^ TS2345 Did you mean '"fill"'?

asset.url({ format: 'jpeg' });
// ^ TS2345 Type '"jpeg"' is not assignable to type

asset.url({ width: true });
// ^ TS2345 Type 'boolean' is not assignable to type

asset.url('c_fill,w_300');
// ^ TS2345 is not assignable to parameter of type 'TransformationInput | undefined'.

asset.url(300);
// ^ TS2345 Argument of type '300' is not assignable to parameter of type 'TransformationInput | undefined'.

client.upload(file, { eager: [{ widht: 300 }] });
// ^ TS2353 'widht' does not exist in type 'TransformationInput'.

asset.transform();
// ^ TS2554 Expected 1 arguments, but got 0.

asset.transform({ widht: 300 });
// ^ TS2353 'widht' does not exist in type 'TransformationInput'.

cache(asset.transform({ width: 300 }));
// ^ TS2345 Argument of type 'Picture' is not assignable to parameter of type 'DeliveryUrl'.

export const transformed: UploadedAsset = asset.transform({ width: 300 });
// ^ TS2740 comes from await client.upload(), client.find() or client.asset()

assetSrc(asset.transform({ width: 300 }));
// ^ TS2345 (7: TS2739) Type 'Picture' is missing the following properties from type 'AssetRef': publicId, version

asset.transform({ width: 300 }).publicId;
// ^ TS2339 Property 'publicId' does not exist on type 'Picture'.

asset.version = 5;
// ^ TS2540 Cannot assign to 'version' because it is a read-only property.

export const withoutVersion: AssetRef = { publicId: 'cat', resourceType: 'image', format: 'jpg' };
// ^ TS2741 Property 'version' is missing

imgAttrs(asset, { width: 300 });
// ^ TS2345 Property 'alt' is missing in type '{ width: number; }' but required in type 'ResponsiveAttrs'.

imgAttrs(asset, { alt: '' });
// ^ TS2345 Property 'width' is missing in type '{ alt: string; }' but required in type 'ResponsiveAttrs'.

imgAttrs(asset, { layout: 'fixed', alt: '' });
// ^ TS2345 Property 'width' is missing in type '{ layout: "fixed"; alt: string; }' but required in type 'FixedAttrs'.

imgAttrs(asset, { layout: 'fixed', width: 300, sizes: '100vw', alt: '' });
// ^ TS2353 'sizes' does not exist in type 'FixedAttrs'.

imgAttrs(asset, { layout: 'fixed', width: 300, widths: [300], alt: '' });
// ^ TS2561 'widths' does not exist in type 'FixedAttrs'.

imgAttrs(asset, { layout: 'fullwidth', alt: '' });
// ^ TS2820 Did you mean '"full-width"'?

imgAttrs(asset, { width: 300, crop: 'crop', alt: '' });
// ^ TS2322 Type '"crop"' is not assignable to type

imgAttrs(asset, { width: 300, angle: 90, alt: '' });
// ^ TS2353 'angle' does not exist in type

imgAttrs(ref, { width: 300, alt: '' });
// ^ TS2345 (7: TS2739) Type 'AssetRef' is missing the following properties from type 'Picture': url, transform

imgAttrs(asset.url(), { width: 300, alt: '' });
// ^ TS2345 Argument of type 'DeliveryUrl' is not assignable to parameter of type 'Picture'.

heal(img, 'https://h.example/demo/image/upload/v5/cat.jpg');
// ^ TS2345 Argument of type 'string' is not assignable to parameter of type

heal(img, asset.url());
// ^ TS2345 Argument of type 'DeliveryUrl' is not assignable to parameter of type

heal(img, ref);
// ^ TS2345 Argument of type 'AssetRef' is not assignable to parameter of type

assetSrc('cat');
// ^ TS2345 Argument of type 'string' is not assignable to parameter of type 'AssetRef'.

assetSrc(task);
// ^ TS2345 (7: TS2739) type 'AssetRef' Did you forget to use 'await'?

createLoader(place)({ src: asset, width: 300 });
// ^ TS2322 Type 'UploadedAsset' is not assignable to type 'string'.

client.upload(new ReadableStream());
// ^ TS2345 is not assignable to parameter of type 'UploadBody'

signUpload({ apiKey: 'my-key' });
// ^ TS2345 (7: TS2741) Property 'apiSecret' is missing

signUpload({ ...keys, allow: { publicID: /cat/ } });
// ^ TS2561 'publicID' does not exist in type 'AllowedUploads<unknown>'. Did you mean to write 'publicId'?

signUpload({ ...keys, allow: { publicId: true } });
// ^ TS2322 Type 'true' is not assignable to type 'ValueRule

signUpload({ ...keys, allow: { eager: ['w_300'] } });
// ^ TS2322 Type 'string' is not assignable to type 'TransformationInput'.

signUpload({ ...keys, authorize: () => 'user' });
// ^ TS2322 Type 'string' is not assignable to type

signUpload({ ...keys, authorize: (request) => request.headers.has('cookie') });
// ^ TS18046 'request' is of type 'unknown'.

signUpload({ ...keys, authorize: (_request: Request) => true }).express(nodeRequest, nodeResponse, () => {});
// ^ TS2345 Argument of type 'NodeRequest' is not assignable to parameter of type 'Request & NodeRequest'.
