/// <reference lib="esnext.disposable" preserve="true" />
import { dispose } from '../dispose-symbol.ts';
import { isSafelightError, SafelightError } from '../safelight-error.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { createProgressFeed, type ProgressFeed } from './progress-feed.ts';
import { checkBody, toBlob } from './upload-body.ts';
import { newUploadKey } from './upload-key.ts';
import type { UploadBody, UploadOptions, UploadPhase, UploadProgress } from './upload-options.ts';
import type { UploadTask } from './upload-task.ts';

/** The parts of a task that the function `work` needs. */
export interface TaskControl {
  readonly file: Blob;
  readonly signal: AbortSignal;
  readonly progress: ProgressFeed;
  readonly uploadKey: string;
  /** Whether an earlier task may have sent something under this key. */
  readonly isRepeat: boolean;
}

type Work = (control: TaskControl) => Promise<UploadedAsset>;

/** Calls `work` in a microtask, so that the caller can attach listeners before it starts. */
export function startUploadTask(work: Work, body: UploadBody, options: UploadOptions): UploadTask {
  return new RunningUpload(work, body, options);
}

class RunningUpload extends Promise<UploadedAsset> implements UploadTask {
  // `then` must make plain promises, because it cannot construct this class.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #controller = new AbortController();
  readonly #again: () => UploadTask;
  readonly #file: Blob;
  readonly #progress: ProgressFeed;
  readonly #uploadKey: string;
  #publicId: string | undefined;
  /** `undefined` until the property is read, empty after the URL was revoked. */
  #preview: string | undefined;

  constructor(work: Work, body: UploadBody, options: UploadOptions) {
    let settle: readonly [(asset: UploadedAsset) => void, (reason: unknown) => void] | undefined;
    super((resolve, reject) => {
      settle = [resolve, reject];
    });
    const [resolve, reject] = settle ?? [];
    const { publicId, onProgress, signal: outer, uploadKey = newUploadKey() } = options;
    const file = toBlob(body);
    const progress = createProgressFeed(file, onProgress);
    const { signal } = this.#controller;
    this.#again = () => new RunningUpload(work, body, { ...options, uploadKey });
    this.#file = file;
    this.#progress = progress;
    this.#publicId = publicId;
    this.#uploadKey = uploadKey;

    const run = async (): Promise<UploadedAsset> => {
      checkBody(body, file);
      await undefined;
      signal.throwIfAborted();
      progress.begin();
      return work({ file, signal, progress, uploadKey, isRepeat: options.uploadKey !== undefined });
    };
    const follow = (): void => this.abort(outer?.reason);
    signal.addEventListener('abort', () => {
      progress.push('aborted');
      reject?.(signal.reason);
    });
    outer?.addEventListener('abort', follow);
    if (outer?.aborted) {
      follow();
    }
    run()
      .then(
        (asset) => {
          this.#publicId = asset.publicId;
          progress.push('ready', file.size);
          resolve?.(asset);
        },
        (error: unknown) => {
          progress.push('failed');
          // Consoles and loggers print the other properties of an error.
          if (isSafelightError(error)) Object.defineProperty(error, 'uploadKey', { value: uploadKey });
          reject?.(error);
        },
      )
      .finally(() => outer?.removeEventListener('abort', follow));
  }

  get file(): Blob {
    return this.#file;
  }

  get uploadKey(): string {
    return this.#uploadKey;
  }

  get publicId(): string | undefined {
    return this.#publicId;
  }

  get phase(): UploadPhase {
    return this.#progress.latest.phase;
  }

  get preview(): string | undefined {
    this.#preview ??= URL.createObjectURL?.(this.#file);
    return this.#preview || undefined;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  retry(): UploadTask {
    this.#markHandled();
    this.abort();
    return this.#again();
  }

  [Symbol.asyncIterator](): AsyncIterator<UploadProgress> {
    this.#markHandled();
    return this.#progress[Symbol.asyncIterator]();
  }

  [dispose](): void {
    this.dispose();
  }

  dispose(): void {
    this.#markHandled();
    this.abort();
    if (this.#preview) {
      URL.revokeObjectURL(this.#preview);
    }
    this.#preview = '';
  }

  /** A caller that only reads the progress or aborts handles no rejection; Node would end the process. */
  #markHandled(): void {
    this.catch(() => undefined);
  }

  /** Not in the type `UploadTask`. Untyped code would otherwise put "undefined" into a page. */
  get url(): never {
    throw this.#notReady('An upload has no url');
  }

  /** Not in the type `UploadTask`. A component that takes an object as its `src` would otherwise show nothing. */
  get src(): never {
    throw this.#notReady('An upload has no src');
  }

  [Symbol.toPrimitive](): never {
    throw this.#notReady('An upload cannot be converted to text');
  }

  #notReady(mistake: string): SafelightError {
    const { publicId, phase } = this;
    const name = publicId === undefined ? 'The upload' : `The upload of "${publicId}"`;
    return new SafelightError('original_not_ready', `${mistake}. ${name} is ${phase}.`, {
      publicId,
      phase,
      hint: 'Await it first: const asset = await task; asset.url().',
    });
  }
}
