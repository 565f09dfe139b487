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
 * - `loading`: the picture is asked for
 * - `shown`: it is there
 * - `waiting`: it failed, and is asked for again when that can help
 * - `gave-up`: no waiting helps, or `maxWaitMs` would not be enough; `retry()` begins anew
 */
export type HealState = 'preview' | 'loading' | 'shown' | 'waiting' | 'gave-up';

export interface HealDetail {
  /** The server's code for the failure, where it says. */
  readonly code?: string | undefined;
  /** Of `waiting`: until the picture is asked for again. */
  readonly retryInMs?: number;
  /** Of `gave-up`: what the upload failed with. */
  readonly error?: unknown;
}

export interface HealOptions {
  /** As for `asset.url()`. */
  readonly transformation?: TransformationInput;
  /** Several sizes to choose from, instead: `(asset) => imgAttrs(asset, { width: 600, alt: 'A cat' })`. */
  readonly attrs?: (asset: UploadedAsset) => PictureAttrs;
  /** What is shown while the file is being uploaded. Default `preview`: the file itself. */
  readonly placeholder?: 'preview' | 'none';
  /** How long a picture that fails is waited for. Default 300 000. */
  readonly maxWaitMs?: number;
  readonly onState?: (state: HealState, detail: HealDetail) => void;
}

export interface Healing extends Disposable {
  readonly state: HealState;
  /** Begins anew, after `gave-up` for example. */
  retry(): void;
}

/**
 * Shows an uploaded picture in an `<img>` and keeps at it: what is shown stays until something better has been loaded,
 * and a picture that fails is asked for again when its failure has run out, once. It is not while the page is hidden or
 * offline, or the element far outside of the window. Disposing it ends it, and so does taking the element out of the page,
 * which is noticed when it would be its turn.
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
  // Untyped code gives URLs and public IDs, which prove nothing.
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
  /** What the element has been given before counts. */
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
  // Told below; before that the preview is waited for.
  uploaded.catch(() => undefined);
  let preview = '';
  // What is painted stays painted.
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
      // A second failure may be the first one again, out of the browser's own cache: the server knows.
      if (!failure.code || failures > 1) failure = await doLater(asker, `why ${url}`, 0, () => askReason(url));
      const { code, remainingMs, isUnanswered } = failure;
      const isKept = code === 'ok';
      // When the server has it and renewing does not help, this browser cannot show it, or not now.
      const inMs = retryInMs(isKept && failures < 3 ? 0 : remainingMs, failures, Math.random());
      if (isPermanent(failure) || Date.now() + inMs > deadlineAt) return tell('gave-up', { code });
      tell('waiting', { code, retryInMs: inMs });
      loaded = await doLater(asker, `${img.crossOrigin} ${url}`, inMs, async () => {
        if (isUnanswered) return loaded;
        return isImage || isKept ? reloadPicture(img, url, isKept) : loadPicture(img, { src: url });
      });
    }
  } finally {
    forgetPreview();
  }
}
