import type { Http } from '../http.ts';
import { byteCounter, inSlices } from './byte-counter.ts';
import { withRetries } from './retry.ts';
import { sendPart } from './send-part.ts';
import { createSigner } from './signer.ts';
import { checkReadable } from './upload-body.ts';
import { uploadForm, uploadParameters } from './upload-form.ts';
import type { SignUpload, UploadOptions } from './upload-options.ts';
import type { TaskControl } from './upload-task.ts';

export interface FileSender {
  readonly http: Http;
  readonly uploadPreset: string | undefined;
  readonly sign: SignUpload | undefined;
  /** Files larger than this go in parts of this size. */
  readonly chunkBytes: number;
  /** Whether the server knows `Idempotency-Key`. */
  readonly idempotency: boolean;
  readonly clock: () => number;
  readonly random: () => number;
}

/**
 * Sends a file whole, or in parts one after the other, each repeated on its own as long as that cannot store twice.
 * @returns the last answer's JSON, not checked yet
 */
export async function sendFile(
  { http, uploadPreset, sign, chunkBytes, idempotency, clock, random }: FileSender,
  url: string,
  { file, signal, progress }: TaskControl,
  options: UploadOptions,
): Promise<unknown> {
  const { stallTimeoutMs = 30_000, readyTimeoutMs = 60_000, retries = 3, filename = nameOf(file) } = options;
  const { idempotencyKey = randomKey() } = options;
  const { size } = file;
  const isInParts = size > chunkBytes;
  const signedParameters = createSigner(uploadParameters(options, uploadPreset), sign, clock);
  // A server that does not know the upload again stores a repeat under another ID, unless it has been told which.
  const isHarmless = isInParts || idempotency || options.publicId !== undefined;
  let mayHaveArrived: boolean;

  const attempt = async (start: number, end: number): Promise<unknown> => {
    const counter = byteCounter();
    const watched = progress.watched && counter !== 'none';
    const isLast = end === size;
    const part = isInParts ? file.slice(start, end) : file;
    progress.push('sending', start, true);
    mayHaveArrived = false;
    const parameters = await signedParameters();
    mayHaveArrived = !watched;
    const request = sendPart(http, {
      url,
      headers: isInParts
        ? { 'x-unique-upload-id': idempotencyKey, 'content-range': `bytes ${start}-${end - 1}/${size}` }
        : idempotency
          ? { 'idempotency-key': idempotencyKey }
          : {},
      form: uploadForm(parameters, watched && counter === 'stream' ? inSlices(part) : part, filename),
      bytes: end - start,
      stallTimeoutMs,
      readyTimeoutMs,
      signal,
      watched,
      onBytes: (sentBytes) => progress.push('sending', Math.min(start + sentBytes, end)),
      onSent: () => {
        mayHaveArrived = true;
        progress.push('sending', end);
        if (isLast) {
          progress.push('processing');
        }
      },
    });
    return request.catch(async (error: unknown) => {
      await checkReadable(file);
      throw error;
    });
  };

  for (let start = 0; ; start += chunkBytes) {
    const end = Math.min(start + chunkBytes, size);
    const answer = await withRetries(() => attempt(start, end), {
      retries,
      patienceMs: readyTimeoutMs,
      signal,
      random,
      mayRepeat: ({ code }) =>
        (isHarmless || !mayHaveArrived) &&
        (code === 'network' || code === 'rejected' || (isInParts && code === 'stalled')),
    });
    if (end === size) {
      return answer;
    }
  }
}

function nameOf(file: Blob): string {
  return ('name' in file && `${file.name}`) || 'file';
}

/** 128 random bits as hex. Not `crypto.randomUUID`, which browsers only have on https pages. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
