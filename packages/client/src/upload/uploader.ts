import { readAssetAnswer } from '../asset-answer.ts';
import { type DeliveryPlaceOptions, deliveryPlace } from '../delivery-url.ts';
import { type ConnectionOptions, createHttp } from '../http.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { idempotencyKey as randomKey } from './idempotency-key.ts';
import { withRetries } from './retry.ts';
import { sendUpload } from './send-upload.ts';
import { uploadForm, uploadParameters } from './upload-form.ts';
import type { SignUpload, UploadBody, UploadOptions } from './upload-options.ts';
import { startUploadTask, type UploadTask } from './upload-task.ts';

export interface UploaderOptions extends ConnectionOptions, DeliveryPlaceOptions {
  /** For uploads without a signature: the name of a preset that the server allows for them. */
  readonly uploadPreset?: string;
  /** For signed uploads: asks your server for a signature over the parameters. The secret never comes here. */
  readonly sign?: SignUpload;
}

export type Uploader = (body: UploadBody, options?: UploadOptions) => UploadTask;

/** @throws {TypeError} at once when the endpoint or the cloud name cannot be used */
export function createUploader(options: UploaderOptions): Uploader {
  const http = createHttp(options);
  const place = deliveryPlace(options);
  const { cloudName, uploadPreset, sign } = options;

  return function upload(body, uploadOptions = {}) {
    const {
      resourceType = 'auto',
      stallTimeoutMs = 30_000,
      readyTimeoutMs = 60_000,
      retries = 3,
      idempotencyKey = randomKey(),
      publicId,
      filename,
      signal,
      onProgress,
    } = uploadOptions;
    const url = http.url('upload', { cloud: cloudName, resource_type: resourceType });

    return startUploadTask(
      async (task) => {
        const parameters = uploadParameters(uploadOptions, uploadPreset);
        const request = {
          url,
          form: await uploadForm(body, parameters, { sign, filename, watched: task.progress.watched }),
          fileBytes: body instanceof Blob ? body.size : body.byteLength,
          idempotencyKey,
          stallTimeoutMs,
          readyTimeoutMs,
        };
        const attempt = (): Promise<unknown> => sendUpload(http, request, task);
        const answer = await withRetries(attempt, { retries, patienceMs: readyTimeoutMs, signal: task.signal });
        return UploadedAsset.seal(readAssetAnswer(answer, `POST ${url.pathname}`), place);
      },
      { publicId, signal, onProgress },
    );
  };
}
