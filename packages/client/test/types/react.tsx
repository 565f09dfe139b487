// Correct code for React: the compiler must not report an error here.

import type { UploadedAsset, UploadTask } from '@safelight/client';
import { createClient } from '@safelight/client';
import type {} from '@safelight/client/image-react';
import { imgProps, SafelightImage, useUpload, useUploads } from '@safelight/client/react';
import { createUploader } from '@safelight/client/upload';
import type { ReactNode } from 'react';

export function Picture({ asset, task }: { asset: UploadedAsset; task: UploadTask | undefined }): ReactNode {
  return (
    <>
      <safelight-img key="1" ref={(element) => element?.retry()} asset={asset} width={300} alt="A cat" />
      <safelight-img source={task} className="small" onsafelight-state={({ detail }) => console.log(detail.state)}>
        {/* biome-ignore lint/performance/noImgElement: this is not a page of Next.js. */}
        <img src={asset.url()} alt="A cat" />
      </safelight-img>
      {/* @ts-expect-error: a URL is not an upload. */}
      <safelight-img source={asset.url()} />
    </>
  );
}

const place = { endpoint: 'http://localhost:3000', cloudName: 'demo' };
const client = createClient(place);

export function Album({ asset }: { asset: UploadedAsset }): ReactNode {
  const single = useUpload(client);
  const { items, totals, add } = useUploads<Blob>({ upload: createUploader(place) }, { abortOnUnmount: false });
  single.start(undefined)?.then((uploaded) => uploaded.url());
  add([new Blob()], (blob, index) => ({ publicId: `${index}-${blob.size}` }));
  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: this is not a page of Next.js. */}
      <img {...imgProps(asset, { width: 300, alt: 'A cat' })} alt="A cat" loading="lazy" />
      <progress value={totals.sentBytes} max={totals.totalBytes} />
      {items.map((item) => (
        <SafelightImage key={item.id} source={item.asset ?? item.task} alt="" width={96} className="round" />
      ))}
      <SafelightImage
        source={single.task}
        layout="full-width"
        alt={single.file?.name ?? ''}
        transformation={{ angle: 90 }}
        onState={(state, { code }, retry) => (state === 'gave-up' && code === undefined ? retry() : undefined)}
      />
      {/* @ts-expect-error: a URL is not a source. */}
      <SafelightImage source={asset.url()} alt="" width={96} />
    </>
  );
}
