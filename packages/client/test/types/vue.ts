// Correct code for Vue: the compiler must not report an error here.

import type { UploadedAsset } from '@safelight/client';
import type {} from '@safelight/client/image-vue';
import type { GlobalComponents } from 'vue';

declare const asset: UploadedAsset;
type Props = InstanceType<GlobalComponents['safelight-img']>['$props'];

export const props: Props = {
  asset,
  width: 300,
  alt: 'A cat',
  class: 'small',
  key: 1,
  onSafelightState: ({ detail }) => console.log(detail.state),
};
// @ts-expect-error: a URL is not an upload.
export const wrong: Props = { source: asset.url() };
