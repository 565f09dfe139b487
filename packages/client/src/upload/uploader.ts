import { readAssetAnswer } from '../asset-answer.ts';
import { type DeliveryPlaceOptions, deliveryPlace } from '../delivery-url.ts';
import { type ConnectionOptions, createHttp } from '../http.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { sendFile } from './send-file.ts';
import { createTurns } from './turns.ts';
import type { SignUpload, UploadAllOptions, UploadBody, UploadOptions } from './upload-options.ts';
import { startUploadTask, type UploadTask } from './upload-task.ts';

export interface UploaderOptions extends ConnectionOptions, DeliveryPlaceOptions {
  /** For uploads without a signature: the name of a preset that the server allows for them. */
  readonly uploadPreset?: string;
  /** For signed uploads: asks your server for a signature over the parameters. The secret never comes here. */
  readonly sign?: SignUpload;
  /** How many uploads send at a time; the others wait in phase `queued`. Default 3. */
  readonly concurrency?: number;
  /**
   * Files larger than this go in parts of this size, so that a lost connection costs a part and not the file. Cloudinary
   * takes none below 5 000 000; `Infinity`: never. Default 20 000 000.
   */
  readonly chunkBytes?: number;
  /**
   * Whether the server knows `Idempotency-Key`. Without it, an upload is repeated only when the repeat cannot be stored
   * under a second ID: it has a `publicId`, goes in parts, or had not left this machine whole. Default: `true`, but
   * `false` for hosts of Cloudinary, which neither know the header nor let pages send it.
   */
  readonly idempotency?: boolean;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number;
  /** From 0 to 1, for the jitter of repeats. Default `Math.random`. */
  readonly random?: () => number;
}

export type Uploader = (body: UploadBody, options?: UploadOptions) => UploadTask;

/** @throws {TypeError} at once when an option cannot be used */
export function createUploader(options: UploaderOptions): Uploader {
  const http = createHttp(options);
  const place = deliveryPlace(options);
  const { cloudName, concurrency = 3, chunkBytes = 20_000_000 } = options;
  const leastChunkBytes = http.isCloudinary ? 5_000_000 : 1;
  if (!(concurrency >= 1 && chunkBytes >= leastChunkBytes) || chunkBytes % 1 > 0) {
    throw new TypeError(`Expected concurrency of at least 1 and chunkBytes of at least ${leastChunkBytes}.`);
  }
  const inTurn = createTurns(concurrency);
  const sender = {
    idempotency: !http.isCloudinary,
    clock: Date.now,
    random: Math.random,
    ...options,
    http,
    chunkBytes,
  };
  return (body, uploadOptions = {}) =>
    startUploadTask(
      (task) =>
        inTurn(task.signal, async () => {
          const url = http.url(`/v1_1/${encodeURIComponent(cloudName)}/${uploadOptions.resourceType ?? 'auto'}/upload`);
          const answer = await sendFile(sender, url, task, uploadOptions);
          return UploadedAsset.seal(readAssetAnswer(answer, `POST ${url}`), place);
        }),
      body,
      uploadOptions,
    );
}

/**
 * Uploads several files. All tasks are there at once, to be shown as a list, and send in their order as the uploader's
 * `concurrency` has it. Each is an upload of its own: one that fails or is aborted leaves the others alone, so await them
 * with `Promise.allSettled(tasks)`.
 * @param options for all of them, or a function that gives those of each file: its public ID, for example
 */
export function uploadAll<Body extends UploadBody>(
  upload: Uploader,
  bodies: Iterable<Body>,
  options?: UploadAllOptions<Body>,
): readonly UploadTask[] {
  return Array.from(bodies, (body, index) =>
    upload(body, typeof options === 'function' ? options(body, index) : options),
  );
}
