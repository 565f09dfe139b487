import { type ApiPath, type ExpectedOptions, expectLike, expectOptions } from '@safelight/protocol';
import { readAssetResponse } from '../asset-response.ts';
import { type DeliveryPlaceOptions, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { type ConnectionOptions, createHttp } from '../http.ts';
import { aBoolean, aFunction, anyValue, someText } from '../option-patterns.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { sendFile } from './send-file.ts';
import { createTurns } from './turns.ts';
import {
  expectUploadOptions,
  type SignUpload,
  type UploadAllOptions,
  type UploadBody,
  type UploadOptions,
} from './upload-options.ts';
import { startUploadTask, type UploadTask } from './upload-task.ts';

export interface UploaderOptions extends ConnectionOptions, DeliveryPlaceOptions {
  /** For uploads without a signature: the name of a preset that the server allows for them. */
  readonly uploadPreset?: string;
  /** For signed uploads: asks your server for a signature over the parameters. The secret stays on your server. */
  readonly sign?: SignUpload;
  /** How many uploads send at a time; the others wait in phase `queued`. Default 3. */
  readonly concurrency?: number;
  /**
   * Files larger than this are sent in parts of this size, so that after a lost connection only a part is sent again.
   * Cloudinary takes no parts below 5 000 000; `Infinity`: never in parts. Default 20 000 000.
   */
  readonly chunkBytes?: number;
  /**
   * Whether the server knows `Idempotency-Key`. Without it, an upload is repeated only when the repeat cannot be stored
   * under a second ID: it has a `publicId`, is sent in parts, or did not leave this machine completely. Default:
   * `true`, but `false` for hosts of Cloudinary, which neither know the header nor let pages send it.
   */
  readonly idempotency?: boolean;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number;
  /** From 0 to 1, for the jitter of repeats. Default `Math.random`. */
  readonly random?: () => number;
}

const atLeastOne = /^number (0*[1-9]\d*|Infinity)$/;
/** Cloudinary takes no smaller parts. */
const fiveMillion = /^number ([5-9]\d{6}|[1-9]\d{7,}|Infinity)$/;

export const uploaderOptions: ExpectedOptions<UploaderOptions> = {
  ...placeOptions,
  ky: aFunction,
  headers: aFunction,
  uploadPreset: someText,
  sign: aFunction,
  concurrency: anyValue,
  chunkBytes: anyValue,
  idempotency: aBoolean,
  clock: aFunction,
  random: aFunction,
};

/**
 * Throws a `TypeError` when an option does not exist or cannot be used, before anything is sent. A fault of the file
 * rejects the task.
 */
export type Uploader = (body: UploadBody, options?: UploadOptions) => UploadTask;

/** @throws {TypeError} at once when an option does not exist or cannot be used */
export function createUploader(options: UploaderOptions): Uploader {
  expectOptions('createUploader()', options, uploaderOptions);
  return uploaderOf(options);
}

/** The same for options with names that have been checked before. */
export function uploaderOf(options: UploaderOptions): Uploader {
  const http = createHttp(options);
  const place = deliveryPlace(options);
  const { cloudName, concurrency = 3, chunkBytes = 20_000_000 } = options;
  expectLike('concurrency', concurrency, atLeastOne);
  expectLike('chunkBytes', chunkBytes, http.isCloudinary ? fiveMillion : atLeastOne);
  const inTurn = createTurns(concurrency);
  const sender = {
    idempotency: !http.isCloudinary,
    clock: Date.now,
    random: Math.random,
    ...options,
    http,
    chunkBytes,
  };
  return (body, uploadOptions = {}) => {
    expectUploadOptions(uploadOptions);
    return startUploadTask(
      (task) =>
        inTurn(task.signal, async () => {
          const { resourceType = 'auto' } = uploadOptions;
          const path: ApiPath<'upload'> = `/v1_1/${encodeURIComponent(cloudName)}/${resourceType}/upload`;
          const url = http.url(path);
          const response = await sendFile(sender, url, task, uploadOptions);
          return UploadedAsset.seal(readAssetResponse(response, `POST ${url}`), place);
        }),
      body,
      uploadOptions,
    );
  };
}

/**
 * Uploads several files. All tasks are there at once, to be shown as a list, and send in their order as the uploader's
 * `concurrency` has it. Each is an upload of its own: one that fails or is aborted leaves the others alone, so await
 * them with `Promise.allSettled(tasks)`.
 * @param options for all of them, or a function that gives those of each file: its public ID, for example
 * @throws {TypeError} when an option does not exist or cannot be used, before any file is sent
 */
export function uploadAll<Body extends UploadBody>(
  upload: Uploader,
  bodies: Iterable<Body>,
  options?: UploadAllOptions<Body>,
): readonly UploadTask[] {
  const uploads = Array.from(bodies, (body, index) => {
    const own = typeof options === 'function' ? options(body, index) : options;
    // The options of all files are checked before the first upload starts.
    if (own !== undefined) expectUploadOptions(own);
    return [body, own] as const;
  });
  return uploads.map(([body, own]) => upload(body, own));
}
