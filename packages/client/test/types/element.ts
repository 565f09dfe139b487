// Correct code for pages with `<safelight-img>`: the compiler must not report an error here.
import { type HealDetail, type HealOptions, heal, type SafelightImgElement } from '@safelight/client/image';
import type { UploadedAsset } from '@safelight/client/url';

declare const asset: UploadedAsset;

const element: SafelightImgElement = document.createElement('safelight-img');
element.source = asset;
element.asset = asset.toJSON();
element.asset = JSON.stringify(asset);
element.asset = undefined;
element.width = 300;
element.layout = null;
element.retry();
document.querySelector('safelight-img')?.setAttribute('alt', 'A cat');

element.addEventListener('safelight-state', ({ detail: { state, code } }) => console.log(state, code));
document.addEventListener('safelight-state', (event) => {
  const { retryInMs }: HealDetail = event.detail;
  console.log(retryInMs?.toFixed(), event.detail.state === 'shown');
  // @ts-expect-error: the detail has a type.
  console.log(event.detail.phase);
});
// @ts-expect-error: a picture of the page is not an asset.
element.source = new Image();

const options: HealOptions = { transformation: undefined, attrs: undefined, maxWaitMs: undefined, onState: undefined };
heal(new Image(), asset, options).stop();
