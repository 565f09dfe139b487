/// <reference lib="esnext.disposable" preserve="true" />
import { SafelightError } from '../safelight-error.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { createProgressFeed, type ProgressFeed } from './progress-feed.ts';
import type { UploadPhase, UploadProgress } from './upload-options.ts';

/**
 * An upload under way. Awaiting it gives the asset; only the asset has URLs. `for await` gives its progress, and ends
 * without throwing, whatever becomes of the upload. `using` aborts it at the end of the block.
 */
export interface UploadTask extends Promise<UploadedAsset>, AsyncIterable<UploadProgress>, Disposable {
  /** As given; `undefined` while the server has not chosen one. */
  readonly publicId: string | undefined;
  readonly phase: UploadPhase;
  /** Rejects the task with the reason (default: an `AbortError`), as `AbortController` does. Late calls do nothing. */
  abort(reason?: unknown): void;
}

export interface UploadTaskOptions {
  readonly publicId: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: UploadProgress) => void) | undefined;
}

/** What the work behind a task can see and say. */
export interface TaskControl {
  readonly signal: AbortSignal;
  readonly progress: ProgressFeed;
  /** Ends the work with an error of our own, a stall for example. */
  fail(error: SafelightError): void;
}

/** Starts the work in a microtask, so that a caller can begin to watch it before it begins. */
export function startUploadTask(
  work: (control: TaskControl) => Promise<UploadedAsset>,
  options: UploadTaskOptions,
): UploadTask {
  return new RunningUpload(work, options);
}

// Browsers without explicit resource management have no such symbol; what compiles `using` for them looks for this one.
const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

class RunningUpload extends Promise<UploadedAsset> implements UploadTask {
  // `then` must make plain promises: nobody could start this class for them.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #controller = new AbortController();
  readonly #progress: ProgressFeed;
  #publicId: string | undefined;
  #ownFailure: SafelightError | undefined;

  constructor(work: (control: TaskControl) => Promise<UploadedAsset>, options: UploadTaskOptions) {
    let settle: readonly [(asset: UploadedAsset) => void, (reason: unknown) => void] | undefined;
    super((resolve, reject) => {
      settle = [resolve, reject];
    });
    this.#publicId = options.publicId;
    this.#progress = createProgressFeed(options.onProgress);
    this.#run(work, options.signal).then(...(settle ?? []));
  }

  async #run(work: (control: TaskControl) => Promise<UploadedAsset>, outer: AbortSignal | undefined) {
    const { signal } = this.#controller;
    const follow = (): void => this.abort(outer?.reason);
    outer?.addEventListener('abort', follow, { once: true });
    try {
      if (outer?.aborted) {
        follow();
      }
      await Promise.resolve();
      signal.throwIfAborted();
      const working = work({ signal, progress: this.#progress, fail: (error) => this.#fail(error) });
      // Not every step of the work can be aborted: somebody's signing server, for example.
      const asset = await Promise.race([working, rejectedByAbort(signal)]);
      this.#publicId = asset.publicId;
      this.#end('ready');
      return asset;
    } catch (error) {
      this.#end(signal.aborted && this.#ownFailure === undefined ? 'aborted' : 'failed');
      throw signal.aborted ? signal.reason : error;
    } finally {
      outer?.removeEventListener('abort', follow);
    }
  }

  #fail(error: SafelightError): void {
    this.#ownFailure = error;
    this.#controller.abort(error);
  }

  #end(phase: UploadPhase): void {
    this.#progress.push({ ...this.#progress.latest, phase });
  }

  get publicId(): string | undefined {
    return this.#publicId;
  }

  get phase(): UploadPhase {
    return this.#progress.latest.phase;
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
    const name = this.#publicId === undefined ? 'The upload' : `The upload of "${this.#publicId}"`;
    return new SafelightError('original_not_ready', `${what}. ${name} is ${this.phase}.`, {
      publicId: this.#publicId,
      phase: this.phase,
      hint: 'Await it first: const asset = await task; asset.url().',
    });
  }
}

function rejectedByAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
