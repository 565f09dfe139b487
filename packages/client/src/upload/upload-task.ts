/// <reference lib="esnext.disposable" preserve="true" />
import { SafelightError } from '../safelight-error.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { createProgressFeed, type ProgressFeed } from './progress-feed.ts';
import { untilAborted } from './until-aborted.ts';
import { checkBody, toBlob } from './upload-body.ts';
import type { UploadBody, UploadOptions, UploadPhase, UploadProgress } from './upload-options.ts';

/**
 * An upload under way. Awaiting it gives the asset; only the asset has URLs. `for await` gives its progress, and ends
 * without throwing, whatever becomes of the upload. `using` aborts it at the end of the block.
 */
export interface UploadTask extends Promise<UploadedAsset>, AsyncIterable<UploadProgress>, Disposable {
  /** As given; `undefined` while the server has not chosen one. */
  readonly publicId: string | undefined;
  readonly phase: UploadPhase;
  /** What is being uploaded (empty, if what was given is no `UploadBody`). */
  readonly file: Blob;
  /**
   * A `blob:` URL of the file, to show while it is uploaded: made at the first reading, revoked when the task is disposed
   * of. `undefined` then, and where there are no such URLs (service workers).
   */
  readonly preview: string | undefined;
  /** Rejects the task with the reason (default: an `AbortError`), as `AbortController` does. Late calls do nothing. */
  abort(reason?: unknown): void;
}

/** What the work behind a task can see and say. */
export interface TaskControl {
  readonly file: Blob;
  readonly signal: AbortSignal;
  readonly progress: ProgressFeed;
}

/** Starts the work in a microtask, so that a caller can begin to watch it before it begins. */
export function startUploadTask(
  work: (control: TaskControl) => Promise<UploadedAsset>,
  body: UploadBody,
  options: UploadOptions,
): UploadTask {
  return new RunningUpload(work, body, options);
}

// Browsers without explicit resource management have no such symbol; what compiles `using` for them looks for this one.
const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

class RunningUpload extends Promise<UploadedAsset> implements UploadTask {
  // `then` must make plain promises: nobody could start this class for them.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #file: Blob;
  readonly #controller = new AbortController();
  readonly #progress: ProgressFeed;
  #publicId: string | undefined;
  /** `undefined` until it is read, empty when it is revoked. */
  #preview: string | undefined;

  constructor(work: (control: TaskControl) => Promise<UploadedAsset>, body: UploadBody, options: UploadOptions) {
    let settle: readonly [(asset: UploadedAsset) => void, (reason: unknown) => void] | undefined;
    super((resolve, reject) => {
      settle = [resolve, reject];
    });
    const file = toBlob(body);
    this.#file = file ?? new Blob();
    this.#publicId = options.publicId;
    this.#progress = createProgressFeed(this.#file.size, options.onProgress);
    const start = async (): Promise<UploadedAsset> => {
      checkBody(body, file);
      await undefined;
      return work({ file, signal: this.#controller.signal, progress: this.#progress });
    };
    this.#run(start, options.signal).then(...(settle ?? []));
  }

  async #run(start: () => Promise<UploadedAsset>, outer: AbortSignal | undefined): Promise<UploadedAsset> {
    const { signal } = this.#controller;
    const follow = (): void => this.abort(outer?.reason);
    outer?.addEventListener('abort', follow);
    if (outer?.aborted) {
      follow();
    }
    try {
      signal.throwIfAborted();
      const asset = await untilAborted(start(), signal);
      this.#publicId = asset.publicId;
      this.#progress.push('ready', this.#file.size);
      return asset;
    } catch (error) {
      this.#progress.push(signal.aborted ? 'aborted' : 'failed');
      throw signal.aborted ? signal.reason : error;
    } finally {
      outer?.removeEventListener('abort', follow);
    }
  }

  get file(): Blob {
    return this.#file;
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

  [Symbol.asyncIterator](): AsyncIterator<UploadProgress> {
    this.#markHandled();
    return this.#progress[Symbol.asyncIterator]();
  }

  [dispose](): void {
    this.#markHandled();
    this.abort();
    if (this.#preview) {
      URL.revokeObjectURL(this.#preview);
    }
    this.#preview = '';
  }

  /** Who only watches or leaves has seen to the outcome: a failure must not end the process as unhandled. */
  #markHandled(): void {
    this.catch(() => undefined);
  }

  /** Not part of the type. Untyped code would otherwise put "undefined" into a page. */
  get url(): never {
    throw this.#notReady('An upload has no url');
  }

  [Symbol.toPrimitive](): never {
    throw this.#notReady('An upload is no text');
  }

  #notReady(what: string): SafelightError {
    const { publicId, phase } = this;
    const name = publicId === undefined ? 'The upload' : `The upload of "${publicId}"`;
    return new SafelightError('original_not_ready', `${what}. ${name} is ${phase}.`, {
      publicId,
      phase,
      hint: 'Await it first: const asset = await task; asset.url().',
    });
  }
}
