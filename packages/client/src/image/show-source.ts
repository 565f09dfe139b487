import { expectPictureUrl } from '../delivery-url.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { isPermanent, requestReason } from './failure-reason.ts';
import type { HealOptions, ReportState } from './heal-options.ts';
import { pageRetries } from './page-retries.ts';
import {
  adoptPicture,
  loadPicture,
  type PictureAttrs,
  reloadPicture,
  seenPicture,
  showPicture,
  writePicture,
} from './picture.ts';
import { retryInMs } from './retry-plan.ts';
import { createScheduler } from './scheduler.ts';

export interface Attempt {
  /** Whether it is the first one. Then a picture that the element shows already is used. */
  readonly isFirst: boolean;
  readonly run: AbortController;
  readonly report: ReportState;
}

/** Resolves in state `shown` or `gave-up`; rejects when the upload fails or the run is aborted. */
export async function showSource(
  img: HTMLImageElement,
  source: UploadedAsset | UploadTask,
  { transformation, attrs, placeholder, maxWaitMs = 300_000 }: HealOptions,
  { isFirst, run, report }: Attempt,
): Promise<void> {
  const { signal } = run;
  // jsdom loads no pictures, and reports nothing about them. There, the first URL is shown.
  const canLoad = 'decode' in img;
  if ('file' in source && placeholder !== 'none' && canLoad) {
    // Only pages that upload load this code. A picture that is complete does not wait for its preview.
    const preview = import('./preview.ts').then(({ showPreview }) =>
      showPreview(img, source, { createScheduler, showPicture, signal, report }),
    );
    await Promise.race([source, preview.catch(() => source)]);
  }
  const asset = await source;
  signal.throwIfAborted();
  report('loading');
  const picture: PictureAttrs = attrs?.(asset) ?? { src: asset.url(transformation) };
  expectPictureUrl(picture.src);
  if (!canLoad) {
    await showPicture(img, picture);
    return report('shown');
  }
  const deadlineAt = Date.now() + maxWaitMs;
  const doLater = pageRetries(img.ownerDocument);
  const requester = { img, run };
  const isLazy = img.loading === 'lazy';
  const isSeen = isFirst && img.src === picture.src;
  // The browser itself knows best when it loads a lazy picture.
  const isInPlace = isSeen || (isFirst && isLazy && !img.naturalWidth);
  if (isSeen) adoptPicture(img, picture);
  else if (isInPlace) writePicture(img, picture);
  const load = () => (isFirst ? loadPicture(img, picture) : reloadPicture(img, picture.src));
  let loaded = await (isInPlace
    ? seenPicture(img, signal)
    : isLazy
      ? doLater(requester, `${img.crossOrigin} ${picture.src}`, 0, load)
      : load());
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    let { url, isImage, failure } = loaded;
    // A placeholder is better than an empty element, but a preview is better than a placeholder.
    const isBetter = isImage && (failure ? !img.naturalWidth : !isInPlace || failures > 1);
    if (isBetter && !(await showPicture(img, picture))) {
      failure ??= {};
      url = img.currentSrc;
    }
    if (!failure) return report('shown');
    // A second failure may be the first one again, from the browser's own cache, so the server gives the reason.
    if (!failure.code || failures > 1) failure = await doLater(requester, `why ${url}`, 0, () => requestReason(url));
    const { code, remainingMs, isRateLimited } = failure;
    // The server has the picture, so the failure must come from the browser's own cache.
    const isCached = code === 'ok';
    // After three failures a reload does not help: this browser cannot show the picture at present.
    const inMs = retryInMs(isCached && failures < 3 ? 0 : remainingMs, failures, Math.random());
    if (isPermanent(failure) || Date.now() + inMs > deadlineAt) return report('gave-up', { code });
    report('waiting', { code, retryInMs: inMs });
    loaded = await doLater(requester, `${img.crossOrigin} ${url}`, inMs, async () => {
      if (isRateLimited) return loaded;
      return isImage || isCached ? reloadPicture(img, url, isCached) : loadPicture(img, { src: url });
    });
  }
}
