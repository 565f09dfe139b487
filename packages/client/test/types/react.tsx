// Correct code for React: the compiler must not report an error here.

import type { UploadedAsset, UploadTask } from '@safelight/client';
import type {} from '@safelight/client/image-react';
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
