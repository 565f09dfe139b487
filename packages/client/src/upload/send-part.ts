import { type Http, readJson } from '../http.ts';
import { byteCounter } from './byte-counter.ts';
import { startStallClock } from './stall-clock.ts';
import { xhrFetch } from './xhr-fetch.ts';

export interface PartRequest {
  readonly url: string;
  readonly headers: HeadersInit;
  readonly form: FormData;
  /** Size of the file, or of the part of it that is in this request. */
  readonly bytes: number;
  readonly stallTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether bytes are to be counted; otherwise neither listener is called. */
  readonly watched: boolean;
  /** @param sentBytes of the request, which is a little longer than what is in it */
  readonly onBytes: (sentBytes: number) => void;
  /** Everything has left this machine. */
  readonly onSent: () => void;
}

/**
 * One attempt to send one request of an upload.
 * @returns the answer's JSON, not checked yet
 * @throws {SafelightError} `rejected`, `network`, `protocol`, `stalled` or `not_ready_in_time`; an abort rejects with the
 *   signal's reason
 */
export async function sendPart(http: Http, request: PartRequest): Promise<unknown> {
  const { url, headers, form, watched, onBytes, onSent } = request;
  const attempt = new AbortController();
  const signal = AbortSignal.any([request.signal, attempt.signal]);
  const clock = startStallClock({ ...request, expire: (error) => attempt.abort(error) });
  const moved = (sentBytes: number): void => {
    // A body that is still being read after its attempt has failed tells nothing any more.
    if (!signal.aborted) {
      clock.moved();
      onBytes(sentBytes);
    }
  };
  const sent = (): void => {
    if (!signal.aborted) {
      clock.sent();
      onSent();
    }
  };
  try {
    const answering = http.ky.post(url, {
      body: form,
      headers,
      signal,
      // Per attempt and sending included, so it would end every big upload; the clock is here instead.
      timeout: false,
      // Repeats are ours: ky never repeats a POST, and a limit above 0 would clone the body.
      retry: 0,
      ...(watched ? countBytes(form, moved, sent) : {}),
    });
    return await readJson(answering, signal);
  } finally {
    clock.stop();
    attempt.abort();
  }
}

function countBytes(
  form: FormData,
  onBytes: (sentBytes: number) => void,
  onSent: () => void,
): Pick<NonNullable<Parameters<Http['ky']['post']>[1]>, 'fetch' | 'onUploadProgress'> {
  return byteCounter() === 'xhr'
    ? { fetch: xhrFetch(form, onBytes, onSent) }
    : {
        onUploadProgress: ({ percent, transferredBytes }) => {
          onBytes(transferredBytes);
          if (percent === 1) {
            onSent();
          }
        },
      };
}
