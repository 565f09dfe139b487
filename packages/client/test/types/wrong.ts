// Every statement here is a mistake that the compiler has to name. `// ^ CODE words` describes the line above it.
import type { AssetRef, Client, DeliveryUrl, UploadedAsset, UploadTask } from '@safelight/client';
import * as everything from '@safelight/client';

declare const client: Client;
declare const task: UploadTask;
declare const file: Blob;
declare const img: { src: string };
declare const ref: AssetRef;
declare const asset: UploadedAsset;
declare function show(asset: UploadedAsset): void;
declare function keep(url: DeliveryUrl): void;

task.url();
// ^ TS2339 Property 'url' does not exist on type 'UploadTask'. Did you forget to use 'await'?

client.upload(file).url({ width: 300 });
// ^ TS2339 Property 'url' does not exist on type 'UploadTask'. Did you forget to use 'await'?

task.attrs({ width: 300, alt: '' });
// ^ TS2339 Property 'attrs' does not exist on type 'UploadTask'. Did you forget to use 'await'?

show(task);
// ^ TS2740 comes from await client.upload(), client.find() or client.asset() Did you forget to use 'await'?

img.src = task;
// ^ TS2322 Type 'UploadTask' is not assignable to type 'string'.

show({ ...ref, url: asset.url, attrs: asset.attrs, toJSON: () => ref });
// ^ TS2739 comes from await client.upload(), client.find() or client.asset()

show(ref);
// ^ TS2739 comes from await client.upload(), client.find() or client.asset()

export const spread: UploadedAsset = { ...ref };
// ^ TS2739 comes from await client.upload(), client.find() or client.asset()

new everything.UploadedAsset(ref);
// ^ TS2339 Property 'UploadedAsset' does not exist

keep('https://h.example/demo/image/upload/cat.jpg');
// ^ TS2345 'string' is not assignable to parameter of type 'DeliveryUrl'

export const url: DeliveryUrl = client.dangerouslyBuildUrl('cat', { width: 300 });
// ^ TS2322 Type 'string' is not assignable to type 'DeliveryUrl'.

(await client.find('cat')).url();
// ^ TS2532 Object is possibly 'undefined'.

asset.url({ widht: 300 });
// ^ TS2353 'widht' does not exist in type 'TransformationInput'.

asset.url({ crop: 'fil' });
// ^ TS2345 Did you mean '"fill"'?

asset.version = 5;
// ^ TS2540 Cannot assign to 'version' because it is a read-only property.

export const withoutVersion: AssetRef = { publicId: 'cat', resourceType: 'image', format: 'jpg' };
// ^ TS2741 Property 'version' is missing

asset.attrs({ width: 300 });
// ^ TS2741 Property 'alt' is missing

client.upload(new ReadableStream());
// ^ TS2345 is not assignable to parameter of type 'UploadBody'
