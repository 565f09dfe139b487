/// <reference lib="esnext.disposable" preserve="true" />
import { expectOptions } from '@safelight/protocol';
import { dispose } from '../dispose-symbol.ts';
import { aFunction, anyValue, longWait } from '../option-patterns.ts';
import { SafelightError } from '../safelight-error.ts';
import type { TransformationInput } from '../transformation-input.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { isPermanent, requestReason } from './failure-reason.ts';
import { pageRetries } from './page-retries.ts';
import { loadPicture, type PictureAttrs, reloadPicture, seenPicture, showPicture } from './picture.ts';
import { retryInMs } from './retry-plan.ts';

/**
 * - `preview`: the file itself is shown while it is uploaded
 * - `loading`: the picture is requested
 * - `shown`: the picture is shown
 * - `waiting`: the picture failed, and is requested again when its failure has expired
 * - `gave-up`: the upload failed, waiting cannot help, or the next request would be later than `maxWaitMs`; `retry()`
 *   starts again
 */
export type HealState = 'preview' | 'loading' | 'shown' | 'waiting' | 'gave-up';

export interface HealDetail {
  /** The server's code for the failure, when it is known. */
  readonly code?: string | undefined;
  /** With `waiting`: the time until the picture is requested again. */
  readonly retryInMs?: number;
  /** With `gave-up`: the error of the upload, or of `attrs`. */
  readonly error?: unknown;
}

export interface HealOptions {
  /** The transformation for `asset.url()`. */
  readonly transformation?: TransformationInput;
  /** In place of `transformation`, for several sizes: `(asset) => imgAttrs(asset, { width: 600, alt: 'A cat' })`. */
  readonly attrs?: (asset: UploadedAsset) => PictureAttrs;
  /**
   * The picture that is shown during the upload; `preview` is the file itself.
   * @default 'preview'
   */
  readonly placeholder?: 'preview' | 'none';
  /**
   * The maximum time to wait for a picture that fails.
   * @default 300_000
   */
  readonly maxWaitMs?: number;
  readonly onState?: (state: HealState, detail: HealDetail) => void;
}

export interface Healing extends Disposable {
  readonly state: HealState;
  /** Starts again, after `gave-up` for example. */
  retry(): void;
}

/**
 * Shows an uploaded picture in an `<img>`, and repeats requests that fail. The current picture stays until a better one
 * is loaded. A picture that fails is requested again, once, when its failure has expired, but not while the page is
 * hidden or offline, or while the element is far outside of the window. It ends when it is disposed of, or when the
 * element was removed from the page; it checks that before each request.
 * @throws {SafelightError} `invalid_asset_ref` when the source is neither an asset nor an upload
 * @throws {TypeError} when an option does not exist or cannot be used, or when `img` is not an `<img>`
 * @example
 * const ref = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' };
 * const asset = createAsset(ref, { endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const healing = heal(document.querySelector('img') ?? new Image(), asset, {
 *   transformation: { width: 300, crop: 'fill' },
 *   onState: (state, { code, retryInMs }) => console.log(state, code, retryInMs),
 * });
 * healing.state; // 'loading'
 */
export function heal(img: HTMLImageElement, source: UploadedAsset | UploadTask, options: HealOptions = {}): Healing {
  if (!/^img$/i.test(img?.nodeName)) throw new TypeError(`heal() takes an <img>, not ${img}.`);
  expectOptions('heal()', options, {
    transformation: anyValue,
    attrs: aFunction,
    placeholder: /^string (preview|none)$/,
    maxWaitMs: longWait,
    onState: aFunction,
  });
  // Untyped code may pass a URL or a public ID, which do not prove that the original exists.
  const { version, file } = Object(source);
  if (!version && !file) {
    throw new SafelightError('invalid_asset_ref', 'heal() takes an asset or an upload, not a URL or a public ID.');
  }
  let state: HealState = 'loading';
  let run = new AbortController();

  function start(isFirst = false): void {
    run.abort();
    run = new AbortController();
    const { signal } = run;
    signal.onabort = () => {
      img.ariaBusy = null;
    };
    img.ariaBusy = 'true';
    const report: ReportState = (next, detail = {}) => {
      if (signal.aborted) return;
      state = next;
      if (/^(?:shown|gave-up)$/.test(next)) img.ariaBusy = null;
      options.onState?.(next, detail);
    };
    show(img, source, options, { isFirst, run, report }).catch((error: unknown) => report('gave-up', { error }));
  }

  start(true);
  return {
    get state() {
      return state;
    },
    retry: () => start(),
    [dispose]: () => run.abort(),
  };
}

type ReportState = (state: HealState, detail?: HealDetail) => void;

interface Attempt {
  /** Whether it is the first one. Then a picture that the element shows already is used. */
  readonly isFirst: boolean;
  readonly run: AbortController;
  readonly report: ReportState;
}

/** Resolves in state `shown` or `gave-up`; rejects when the upload fails or the run is aborted. */
async function show(
  img: HTMLImageElement,
  source: UploadedAsset | UploadTask,
  { transformation, attrs, placeholder, maxWaitMs = 300_000 }: HealOptions,
  { isFirst, run, report }: Attempt,
): Promise<void> {
  const { signal } = run;
  const uploaded = Promise.resolve(source);
  // A rejection is handled below, after the preview is loaded; until then it must not count as unhandled.
  uploaded.catch(() => undefined);
  let preview = '';
  // The element still shows the picture after its URL is revoked.
  const revokePreview = (): void => URL.revokeObjectURL(preview);
  try {
    if ('file' in source && placeholder !== 'none') {
      preview = URL.createObjectURL(source.file);
      signal.addEventListener('abort', revokePreview);
      if ((await loadPicture(img, { src: preview })).isImage && !signal.aborted) {
        await showPicture(img, { src: preview });
        report('preview');
      }
    }
    const asset = await uploaded;
    signal.throwIfAborted();
    report('loading');
    const picture: PictureAttrs = attrs?.(asset) ?? { src: asset.url(transformation) };
    const deadlineAt = Date.now() + maxWaitMs;
    const doLater = pageRetries(img.ownerDocument);
    const requester = { img, run };
    const isSeen = isFirst && img.src === picture.src;
    let loaded = await (isSeen
      ? seenPicture(img, signal)
      : isFirst
        ? loadPicture(img, picture)
        : reloadPicture(img, picture.src));
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      let { url, isImage, failure } = loaded;
      // A placeholder is better than an empty element, but a preview is better than a placeholder.
      const isBetter = isImage && (failure ? !img.naturalWidth : !isSeen || failures > 1);
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
  } finally {
    revokePreview();
  }
}
