/// <reference lib="esnext.disposable" preserve="true" />
import { expectOptions } from '@safelight/protocol';
import { expectPictureUrl } from '../delivery-url.ts';
import { dispose } from '../dispose-symbol.ts';
import { aFunction, anyValue, longWait } from '../option-patterns.ts';
import { SafelightError } from '../safelight-error.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import type { HealOptions, HealState, ReportState } from './heal-options.ts';
import { showSource } from './show-source.ts';
import { takeOver } from './shown-source.ts';

export interface Healing extends Disposable {
  readonly state: HealState;
  /** Starts again, after `gave-up` for example. */
  retry(): void;
  /** Ends it. The element still shows what it shows. `using` does the same, where `Symbol.dispose` exists. */
  stop(): void;
}

/**
 * Shows an uploaded picture in an `<img>`, and repeats requests that fail. The current picture stays until a better one
 * is loaded; a picture of another asset is cleared at once. A picture that fails is requested again, once, when its
 * failure has expired, but not while the page is hidden or offline, or while the element is far outside of the window.
 * With `loading="lazy"` this is also true for the first request. It ends by `stop()`, by another `heal()` for the same
 * element, or when the element was removed from the page; it checks that before each request.
 * @throws {SafelightError} `invalid_asset_ref` when the source is neither an asset nor an upload;
 *   `invalid_transformation` when the asset is not a picture. An upload that is not a picture ends in state `gave-up`
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
  if (version && !options.attrs) expectPictureUrl((source as UploadedAsset).url(options.transformation));
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
    showSource(img, source, options, { isFirst, run, report }).catch((error: unknown) => report('gave-up', { error }));
  }

  const stop = (): void => run.abort();
  takeOver(img, stop, source);
  start(true);
  return {
    get state() {
      return state;
    },
    retry: () => start(),
    stop,
    [dispose]: stop,
  };
}
