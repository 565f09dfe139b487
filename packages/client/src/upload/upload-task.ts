/// <reference lib="esnext.disposable" preserve="true" />
import type { UploadedAsset } from '../uploaded-asset.ts';
import type { UploadPhase, UploadProgress } from './upload-options.ts';

/**
 * An upload that is running. Await it to get the asset; only the asset has URLs. `for await` yields its progress, and
 * ends without an error even when the upload fails. `using` aborts it at the end of the block.
 */
export interface UploadTask extends Promise<UploadedAsset>, AsyncIterable<UploadProgress>, Disposable {
  /** The option `publicId`; without it, `undefined` until the server has chosen one. */
  readonly publicId: string | undefined;
  readonly phase: UploadPhase;
  /** The file that is uploaded. It is empty when the body has a wrong type. */
  readonly file: Blob;
  /**
   * A `blob:` URL of the file, to show it during the upload. It is made when the property is first read, and revoked
   * when the task is disposed of. Then it is `undefined`; it is always `undefined` in service workers, which have no
   * such URLs.
   */
  readonly preview: string | undefined;
  /**
   * Identifies this upload in all its requests. Store it to continue the upload after a reload, with the option
   * `uploadKey`. Code that has it can continue the upload, so store it like a password.
   */
  readonly uploadKey: string;
  /**
   * Rejects the task with the reason (default: an `AbortError`), as `AbortController` does. After the end it has no
   * effect.
   */
  abort(reason?: unknown): void;
  /**
   * Uploads the same file again, as a new task with the same options and the same key. Parts that the server has are not
   * sent again. A task that has not ended is aborted first.
   */
  retry(): UploadTask;
  /** Aborts the task and revokes `preview`; `using` calls it. */
  dispose(): void;
}
