import { type Http, readJson } from '../http.ts';
import { byteCounter } from './byte-counter.ts';
import { startStallClock } from './stall-clock.ts';
import type { UploadPhase } from './upload-options.ts';
import type { TaskControl } from './upload-task.ts';
import { xhrFetch } from './xhr-fetch.ts';

export interface UploadRequest {
  readonly url: URL;
  readonly form: FormData;
  /** Size of the file, for the bound of an attempt whose bytes nobody watches. */
  readonly fileBytes: number;
  readonly idempotencyKey: string;
  readonly stallTimeoutMs: number;
  readonly readyTimeoutMs: number;
}

/**
 * One attempt to upload.
 * @returns the answer's JSON, not checked yet
 * @throws {SafelightError} `rejected`, `network` or `protocol`; after an abort or a stall: the signal's reason
 */
export async function sendUpload(http: Http, request: UploadRequest, task: TaskControl): Promise<unknown> {
  const { url, form, fileBytes, idempotencyKey, stallTimeoutMs, readyTimeoutMs } = request;
  const { signal, progress } = task;
  const watched = progress.watched && byteCounter() !== 'none';
  const clock = startStallClock({ stallTimeoutMs, readyTimeoutMs, totalBytes: fileBytes, watched, expire: task.fail });
  const tell = (phase: UploadPhase, sentBytes: number, totalBytes: number | undefined): void =>
    progress.push({ phase, sentBytes, totalBytes });
  const onBytes = (sentBytes: number, totalBytes: number | undefined): void => {
    clock.moved();
    tell('sending', sentBytes, totalBytes);
  };
  const onSent = (): void => {
    clock.sent();
    tell('processing', progress.latest.sentBytes, progress.latest.totalBytes);
  };
  tell('sending', 0, undefined);
  try {
    const answering = http.ky.post(url, {
      body: form,
      headers: { accept: 'application/json', 'idempotency-key': idempotencyKey },
      signal,
      // Per attempt and sending included, so it would end every big upload; the clock is here instead.
      timeout: false,
      // Repeats are ours: ky never repeats a POST, and a limit above 0 would clone the body.
      retry: 0,
      ...(watched ? watchBytes(form, onBytes, onSent) : {}),
    });
    return await readJson(answering, signal);
  } finally {
    clock.stop();
  }
}

function watchBytes(
  form: FormData,
  onBytes: (sentBytes: number, totalBytes: number | undefined) => void,
  onSent: () => void,
): Pick<NonNullable<Parameters<Http['ky']['post']>[1]>, 'fetch' | 'onUploadProgress'> {
  switch (byteCounter()) {
    case 'xhr':
      return { fetch: xhrFetch(form, onBytes, onSent) };
    case 'stream':
      return {
        onUploadProgress: ({ percent, transferredBytes, totalBytes }) => {
          onBytes(transferredBytes, totalBytes);
          if (percent === 1) {
            onSent();
          }
        },
      };
    case 'none':
      return {};
  }
}
