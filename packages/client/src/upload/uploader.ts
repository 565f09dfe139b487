import { type ApiPath, type ExpectedOptions, expectLike, expectOptions } from '@safelight/protocol';
import { readAssetResponse } from '../asset-response.ts';
import { type DeliveryPlaceOptions, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { type ConnectionOptions, createHttp } from '../http.ts';
import { aBoolean, aFunction, anyValue, someText } from '../option-patterns.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { createChunkSize } from './chunk-size.ts';
import type { FileSender } from './file-sender.ts';
import { checkIsNew, checkPublicId } from './public-id-rules.ts';
import { startUploadTask } from './running-upload.ts';
import { sendFile } from './send-file.ts';
import { createTurns } from './turns.ts';
import { expectUploadOptions, type SignUpload, type UploadBody, type UploadOptions } from './upload-options.ts';
import type { UploadTask } from './upload-task.ts';

export interface UploaderOptions extends ConnectionOptions, DeliveryPlaceOptions {
  /** For unsigned uploads: the name of an upload preset that the server allows for them. */
  readonly uploadPreset?: string | undefined;
  /** For signed uploads: requests a signature of the parameters from your server. The secret stays on your server. */
  readonly sign?: SignUpload | undefined;
  /**
   * The maximum number of uploads that send at a time; the others wait in phase `queued`.
   * @default 3
   */
  readonly concurrency?: number | undefined;
  /**
   * Larger files are sent in parts of this size, so that after a lost connection only one part is sent again. Cloudinary
   * refuses parts below 5_000_000 bytes. With `Infinity` files are never sent in parts. `auto` begins with 20_000_000, and
   * becomes smaller when a proxy refuses a request because of its size: down to 250_000, with Cloudinary to 5_000_000.
   * @default 'auto'
   */
  readonly chunkBytes?: number | 'auto' | undefined;
  /**
   * Whether the server supports `Idempotency-Key`. Without it, an upload is repeated only when the repeat cannot be
   * stored under a second ID: it has a `publicId`, is sent in parts, or did not leave this machine completely.
   * @default `true`, but `false` for hosts of Cloudinary, which ignore the header and do not allow pages to send it
   */
  readonly idempotency?: boolean | undefined;
  /**
   * Epoch milliseconds.
   * @default Date.now
   */
  readonly clock?: (() => number) | undefined;
  /**
   * From 0 to 1, for the jitter of repeats.
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

const atLeastOne = /^number (0*[1-9]\d*|Infinity)$/;
const partSize = /^(string auto|number (0*[1-9]\d*|Infinity))$/;
/** Cloudinary refuses smaller parts. */
const partSizeOfCloudinary = /^(string auto|number ([5-9]\d{6}|[1-9]\d{7,}|Infinity))$/;

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
 * Uploads one file. It throws a `TypeError` when an option does not exist or cannot be used, before it sends a request.
 * When the file cannot be uploaded, the task rejects.
 */
export type Uploader = (body: UploadBody, options?: UploadOptions) => UploadTask;

/**
 * A function that uploads files: the part of `createClient()` for pages that need nothing else.
 * @throws {TypeError} when an option does not exist or cannot be used; no request is sent before this check
 * @example
 * const upload = createUploader({ endpoint: 'https://pictures.example', cloudName: 'demo', uploadPreset: 'web' });
 * const task = upload(new Blob(['…']), { publicId: 'cat', onProgress: ({ sentBytes }) => console.log(sentBytes) });
 * const asset = await task; // resolves when the original can be delivered
 * asset.url({ width: 300 });
 */
export function createUploader(options: UploaderOptions): Uploader {
  expectOptions('createUploader()', options, uploaderOptions);
  return uploaderOf(options);
}

/** `createUploader` without the check of the option names. */
export function uploaderOf(options: UploaderOptions): Uploader {
  const http = createHttp(options);
  const place = deliveryPlace(options);
  const { cloudName, concurrency = 3, chunkBytes = 'auto', idempotency = !http.isCloudinary } = options;
  const { clock = Date.now, random = Math.random } = options;
  expectLike('concurrency', concurrency, atLeastOne);
  expectLike('chunkBytes', chunkBytes, http.isCloudinary ? partSizeOfCloudinary : partSize);
  const inTurn = createTurns(concurrency);
  const chunkSize = createChunkSize(chunkBytes, http.isCloudinary);
  const sender: FileSender = { ...options, http, chunkSize, idempotency, clock, random };
  return (body, uploadOptions = {}) => {
    expectUploadOptions(uploadOptions);
    return startUploadTask(
      (task) =>
        inTurn(task.signal, async () => {
          checkPublicId(uploadOptions);
          const { resourceType = 'auto' } = uploadOptions;
          const path: ApiPath<'upload'> = `/v1_1/${encodeURIComponent(cloudName)}/${resourceType}/upload`;
          const url = http.url(path);
          const sent = await sendFile(sender, url, task, uploadOptions);
          checkIsNew(sent, task.file, uploadOptions);
          return UploadedAsset.of(readAssetResponse(sent.response, `POST ${url}`), place);
        }),
      body,
      uploadOptions,
    );
  };
}
