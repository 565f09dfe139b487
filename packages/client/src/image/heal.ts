/// <reference lib="esnext.disposable" preserve="true" />
import { expectOptions } from '@safelight/protocol';
import { dispose } from '../dispose-symbol.ts';
import { aFunction, anyValue, longWait } from '../option-patterns.ts';
import { SafelightError } from '../safelight-error.ts';
import type { TransformationInput } from '../transformation-input.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { askReason, isPermanent } from './failure-reason.ts';
import { pageRetries } from './page-retries.ts';
import { loadPicture, type PictureAttrs, reloadPicture, seenPicture, showPicture } from './picture.ts';
import { retryInMs } from './retry-plan.ts';

/**
 * - `preview`: the file itself is shown while it is uploaded
 * - `loading`: the picture is requested
 * - `shown`: the picture is shown
 * - `waiting`: it failed, and is requested again when that can help
 * - `gave-up`: waiting cannot help, or `maxWaitMs` is not enough; `retry()` starts again
 */
export type HealState = 'preview' | 'loading' | 'shown' | 'waiting' | 'gave-up';

export interface HealDetail {
  /** The server's code for the failure, where it is known. */
  readonly code?: string | undefined;
  /** Of `waiting`: the time until the picture is requested again. */
  readonly retryInMs?: number;
  /** Of `gave-up`: the error of the upload. */
  readonly error?: unknown;
}

export interface HealOptions {
  /** As for `asset.url()`. */
  readonly transformation?: TransformationInput;
  /** In place of `transformation`, for several sizes: `(asset) => imgAttrs(asset, { width: 600, alt: 'A cat' })`. */
  readonly attrs?: (asset: UploadedAsset) => PictureAttrs;
  /** The picture that is shown while the file is being uploaded. Default `preview`: the file itself. */
  readonly placeholder?: 'preview' | 'none';
  /** The maximum time to wait for a picture that fails. Default 300 000. */
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
 * is loaded. A picture that fails is requested again, once, when its failure has expired; not while the page is hidden
 * or offline, or while the element is far outside of the window. It ends when it is disposed of, and when the element
 * is removed from the page, which is noticed before the next request.
 * @throws {SafelightError} `invalid_asset_ref` when the source is neither an asset nor an upload
 * @throws {TypeError} when an option does not exist or cannot be used
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
    throw new SafelightError('invalid_asset_ref', 'Give heal() an asset or an upload, not a URL or a public ID.');
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
    const tell: Tell = (next, detail = {}) => {
      if (signal.aborted) return;
      state = next;
      if (/^(?:shown|gave-up)$/.test(next)) img.ariaBusy = null;
      options.onState?.(next, detail);
    };
    show(img, source, options, { isFirst, run, tell }).catch((error: unknown) => tell('gave-up', { error }));
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

type Tell = (state: HealState, detail?: HealDetail) => void;

interface Attempt {
  /** Whether the `src` that the element had before counts. */
  readonly isFirst: boolean;
  readonly run: AbortController;
  readonly tell: Tell;
}

/** Resolves when the picture is shown or given up; rejects when the upload fails or the run is aborted. */
async function show(
  img: HTMLImageElement,
  source: UploadedAsset | UploadTask,
  { transformation, attrs, placeholder, maxWaitMs = 300_000 }: HealOptions,
  { isFirst, run, tell }: Attempt,
): Promise<void> {
  const { signal } = run;
  const uploaded = Promise.resolve(source);
  // Handled below, after the preview is loaded; until then it must not count as unhandled.
  uploaded.catch(() => undefined);
  let preview = '';
  // A picture that is painted stays painted.
  const forgetPreview = (): void => URL.revokeObjectURL(preview);
  try {
    if ('file' in source && placeholder !== 'none') {
      preview = URL.createObjectURL(source.file);
      signal.addEventListener('abort', forgetPreview);
      if ((await loadPicture(img, { src: preview })).isImage && !signal.aborted) {
        await showPicture(img, { src: preview });
        tell('preview');
      }
    }
    const asset = await uploaded;
    signal.throwIfAborted();
    tell('loading');
    const picture: PictureAttrs = attrs?.(asset) ?? { src: asset.url(transformation) };
    const deadlineAt = Date.now() + maxWaitMs;
    const doLater = pageRetries(img.ownerDocument);
    const asker = { img, run };
    const isSeen = isFirst && img.src === picture.src;
    let loaded = await (isSeen
      ? seenPicture(img, signal)
      : isFirst
        ? loadPicture(img, picture)
        : reloadPicture(img, picture.src));
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      let { url, isImage, failure } = loaded;
      // A placeholder is better than nothing, but not than a preview.
      const isBetter = isImage && (failure ? !img.naturalWidth : !isSeen || failures > 1);
      if (isBetter && !(await showPicture(img, picture))) {
        failure ??= {};
        url = img.currentSrc;
      }
      if (!failure) return tell('shown');
      // A second failure may be the first one again, from the browser's own cache, so the server is asked.
      if (!failure.code || failures > 1) failure = await doLater(asker, `why ${url}`, 0, () => askReason(url));
      const { code, remainingMs, hasNoResponse } = failure;
      const isCached = code === 'ok';
      // When the server has the picture and a reload does not help, this browser cannot show it, or not now.
      const inMs = retryInMs(isCached && failures < 3 ? 0 : remainingMs, failures, Math.random());
      if (isPermanent(failure) || Date.now() + inMs > deadlineAt) return tell('gave-up', { code });
      tell('waiting', { code, retryInMs: inMs });
      loaded = await doLater(asker, `${img.crossOrigin} ${url}`, inMs, async () => {
        if (hasNoResponse) return loaded;
        return isImage || isCached ? reloadPicture(img, url, isCached) : loadPicture(img, { src: url });
      });
    }
  } finally {
    forgetPreview();
  }
}
