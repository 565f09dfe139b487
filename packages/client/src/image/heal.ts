/// <reference lib="esnext.disposable" preserve="true" />
import { dispose } from '../dispose-symbol.ts';
import { SafelightError } from '../safelight-error.ts';
import type { TransformationInput } from '../transformation-input.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { askReason, isPermanent } from './failure-reason.ts';
import { pageRetries } from './page-retries.ts';
import { loadPicture, type PictureAttrs, reloadPicture, seenPicture, showPicture } from './picture.ts';
import { retryAt } from './retry-plan.ts';

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
 * and a picture that fails is asked for again when its failure has run out, once. Disposing it, or taking the element out
 * of the page, ends it.
 * @throws {SafelightError} `invalid_asset_ref` when the source is neither an asset nor an upload
 */
export function heal(img: HTMLImageElement, source: UploadedAsset | UploadTask, options: HealOptions = {}): Healing {
  const { onState } = options;
  checkSource(source);
  let state: HealState = 'loading';
  let run = new AbortController();

  function tell(next: HealState, detail: HealDetail = {}): void {
    state = next;
    if (/^(?:shown|gave-up)$/.test(next)) img.removeAttribute('aria-busy');
    else img.setAttribute('aria-busy', 'true');
    onState?.(next, detail);
  }

  function start(): void {
    run.abort();
    run = new AbortController();
    const { signal } = run;
    const quietly: Tell = (...news) => signal.aborted || tell(...news);
    show(img, source, options, { signal, tell: quietly, onLeft: end }).catch((error: unknown) =>
      quietly('gave-up', { error }),
    );
  }

  function end(): void {
    run.abort();
    img.removeAttribute('aria-busy');
  }

  start();
  return {
    get state() {
      return state;
    },
    retry: start,
    [dispose]: end,
  };
}

type Tell = (state: HealState, detail?: HealDetail) => void;

interface Surroundings {
  readonly signal: AbortSignal;
  readonly tell: Tell;
  /** The element has been taken out of the page. */
  readonly onLeft: () => void;
}

/** Resolves when the picture is shown or given up; rejects when the upload fails or the signal aborts. */
async function show(
  img: HTMLImageElement,
  source: UploadedAsset | UploadTask,
  options: HealOptions,
  surroundings: Surroundings,
): Promise<void> {
  if (!isUpload(source)) return showAsset(img, source, options, surroundings);
  const { signal, tell } = surroundings;
  const src = options.placeholder === 'none' ? undefined : URL.createObjectURL(source.file);
  try {
    if (src !== undefined && (await loadPicture(img, { src })).isImage && !signal.aborted) {
      await showPicture(img, { src });
      tell('preview');
    }
    await showAsset(img, await source, options, surroundings);
  } finally {
    // What is painted stays painted.
    if (src !== undefined) URL.revokeObjectURL(src);
  }
}

async function showAsset(
  img: HTMLImageElement,
  asset: UploadedAsset,
  { transformation, attrs, maxWaitMs = 300_000 }: HealOptions,
  { signal, tell, onLeft }: Surroundings,
): Promise<void> {
  signal.throwIfAborted();
  tell('loading');
  const picture: PictureAttrs = attrs?.(asset) ?? { src: asset.url(transformation) };
  const deadlineAt = Date.now() + maxWaitMs;
  const page = pageRetries(img.ownerDocument);
  let loaded = await (img.src === picture.src ? seenPicture(img, signal) : loadPicture(img, picture));
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    const { url, isImage } = loaded;
    // A placeholder is better than nothing, but not than a preview.
    if (isImage && (loaded.failure === undefined || !img.naturalWidth)) await showPicture(img, picture);
    if (loaded.failure === undefined) return tell('shown');
    const turn = { img, signal, onLeft };
    // A second failure may be the first one again, out of the browser's own cache: the server knows.
    const failure =
      loaded.failure.code && failures === 1
        ? loaded.failure
        : await page.later({ ...turn, key: `why ${url}`, dueAt: 0, load: () => askReason(url) });
    const { code, remainingMs, isOutdated = false } = failure;
    const dueAt = retryAt(Date.now(), remainingMs, failures, Math.random());
    if (isPermanent(failure) || dueAt > deadlineAt) return tell('gave-up', { code });
    tell('waiting', { code, retryInMs: dueAt - Date.now() });
    const load = () => (isImage || isOutdated ? reloadPicture(img, url, isOutdated) : loadPicture(img, picture));
    loaded = await page.later({ ...turn, key: `${picture.src} ${picture.srcset}`, dueAt, load });
  }
}

function isUpload(source: UploadedAsset | UploadTask): source is UploadTask {
  return 'then' in source;
}

/** Untyped code gives URLs and public IDs, which prove nothing. */
function checkSource(source: unknown): void {
  const given = Object(source) as Partial<UploadedAsset & UploadTask>;
  if (!given.version && !given.file) {
    throw new SafelightError('invalid_asset_ref', 'Only an uploaded asset or an upload can be healed.', {
      hint: 'Give what client.upload(), client.find() or client.asset() gave, not a URL or a public ID.',
    });
  }
}
