import type { Http } from '../http.ts';
import { withRetries } from './retry.ts';
import { byteCounter, sendPart } from './send-part.ts';
import { checkReadable } from './upload-body.ts';
import { uploadForm, uploadParameters } from './upload-form.ts';
import type { SignUpload, UploadOptions, UploadParameters } from './upload-options.ts';
import type { TaskControl } from './upload-task.ts';

export interface FileSender {
  readonly http: Http;
  readonly uploadPreset?: string;
  readonly sign?: SignUpload;
  /** Larger files are sent in parts of this size. */
  readonly chunkBytes: number;
  /** Whether the server supports `Idempotency-Key`. */
  readonly idempotency: boolean;
  readonly clock: () => number;
  readonly random: () => number;
}

/** After this time an upload is signed anew. A signature is valid for an hour, and a part may take some minutes. */
const signatureMs = 45 * 60_000;
const sliceBytes = 64 * 1024;

/**
 * Sends a file in one request, or in parts one after the other. Each request is repeated on its own, but only when a
 * repeat cannot store the file twice.
 * @returns the JSON of the last response; the caller must validate it
 */
export async function sendFile(
  { http, uploadPreset, sign, chunkBytes, idempotency, clock, random }: FileSender,
  url: string,
  { file, signal, progress }: TaskControl,
  options: UploadOptions,
): Promise<unknown> {
  const {
    stallTimeoutMs = 30_000,
    readyTimeoutMs = 60_000,
    retries = 3,
    filename = (file as Partial<File>).name || 'file',
    // Browsers have `crypto.randomUUID` only on https pages.
    idempotencyKey = crypto.getRandomValues(new Uint32Array(4)).join('-'),
  } = options;
  const { size } = file;
  const isInParts = size > chunkBytes;
  // Without one of these, the server would store a repeat as a second asset, under another ID.
  const isIdempotent = isInParts || idempotency || options.publicId !== undefined;
  const parameters = uploadParameters(options, uploadPreset);
  let signed: UploadParameters = parameters;
  let signedAt = Number.NEGATIVE_INFINITY;
  let mayHaveArrived: boolean;

  const attempt = async (start: number, end: number): Promise<unknown> => {
    const counter = progress.watched ? byteCounter() : undefined;
    const part = file.slice(start, end, file.type);
    await checkReadable(file);
    mayHaveArrived = false;
    progress.push('sending', start, true);
    if (sign !== undefined && clock() - signedAt > signatureMs) {
      signedAt = clock();
      const { signature, timestamp, apiKey } = await sign(parameters);
      signed = { ...parameters, timestamp: `${timestamp}`, signature, api_key: apiKey };
    }
    mayHaveArrived = counter === undefined;
    try {
      return await sendPart(http, {
        url,
        headers: isInParts
          ? { 'x-unique-upload-id': idempotencyKey, 'content-range': `bytes ${start}-${end - 1}/${size}` }
          : idempotency
            ? { 'idempotency-key': idempotencyKey }
            : {},
        form: uploadForm(signed, counter === 'stream' ? inSlices(part) : part, filename),
        bytes: end - start,
        stallTimeoutMs,
        readyTimeoutMs,
        signal,
        counter,
        onBytes: (sentBytes) => progress.push('sending', Math.min(start + sentBytes, end)),
        onSent: () => {
          mayHaveArrived = true;
          progress.push('sending', end);
          if (end === size) progress.push('processing');
        },
      });
    } catch (error) {
      await checkReadable(file);
      throw error;
    }
  };

  for (let start = 0; ; start += chunkBytes) {
    const end = Math.min(start + chunkBytes, size);
    const response = await withRetries(() => attempt(start, end), {
      retries,
      maxRetryAfterMs: readyTimeoutMs,
      signal,
      random,
      mayRepeat: ({ code }) =>
        ((isIdempotent || !mayHaveArrived) && /^(network|rejected)$/.test(code)) || (isInParts && code === 'stalled'),
    });
    if (end === size) {
      return response;
    }
  }
}

/** The same bytes in slices, so that Node reads them one after the other. It reads other bytes in memory all at once. */
function inSlices(blob: Blob): Blob {
  const count = Math.ceil(blob.size / sliceBytes);
  return new Blob(
    Array.from({ length: count }, (_, index) => blob.slice(index * sliceBytes, (index + 1) * sliceBytes)),
  );
}
