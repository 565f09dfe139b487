import { type Http, readJson } from '../http.ts';
import { SafelightError } from '../safelight-error.ts';
import { xhrFetch } from './xhr-fetch.ts';

export interface PartRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: FormData;
  /** Size of the file, or of the part of it that is in this request. */
  readonly bytes: number;
  readonly stallTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** What counts bytes; without it neither listener is called. */
  readonly counter: ByteCounter | undefined;
  /** @param sentBytes of the request, which is a little longer than what is in it */
  readonly onBytes: (sentBytes: number) => void;
  /** Everything has left this machine. */
  readonly onSent: () => void;
}

/**
 * What can tell how many bytes of a body have left, here:
 * - `xhr`: browsers, whose `fetch` cannot
 * - `stream`: everywhere else the body is counted as it is read, which makes the request chunked
 * - `undefined`: service workers have neither; only phases are told
 */
export type ByteCounter = 'xhr' | 'stream';

export function byteCounter(): ByteCounter | undefined {
  return typeof XMLHttpRequest === 'function' ? 'xhr' : 'WorkerGlobalScope' in globalThis ? undefined : 'stream';
}

const slowestBytesPerMs = 8;

/**
 * One attempt to send one request of an upload, bounded. While sending, the clock starts again with every byte that moves;
 * once everything is sent (when some megabytes may still sit in socket buffers, so silence is normal) it runs once, for
 * the answer.
 * @returns the answer's JSON, not checked yet
 * @throws {SafelightError} `rejected`, `network`, `protocol`, `stalled` or `not_ready_in_time`; an abort rejects with the
 *   signal's reason
 */
export async function sendPart(http: Http, request: PartRequest): Promise<unknown> {
  const { url, form, bytes, counter, stallTimeoutMs, readyTimeoutMs } = request;
  const attempt = new AbortController();
  const signal = AbortSignal.any([request.signal, attempt.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveUpAfter = (ms: number, error: () => SafelightError): void => {
    clearTimeout(timer);
    timer = setTimeout(() => attempt.abort(error()), ms);
  };
  const stalled = () =>
    new SafelightError('stalled', `No byte of the upload moved for ${stallTimeoutMs} ms.`, {
      retryable: true,
      phase: 'sending',
      hint: 'Check the connection, or raise stallTimeoutMs.',
    });
  const late = () =>
    new SafelightError('not_ready_in_time', 'The upload was not answered in time.', {
      retryable: true,
      phase: 'processing',
      hint: 'It may become ready yet: ask client.whenReady(), or raise readyTimeoutMs.',
    });
  const onBytes = (sentBytes: number): void => {
    // A body that is still being read after its attempt has failed tells nothing any more.
    if (!signal.aborted) {
      giveUpAfter(stallTimeoutMs, stalled);
      request.onBytes(sentBytes);
    }
  };
  const onSent = (): void => {
    if (!signal.aborted) {
      giveUpAfter(readyTimeoutMs, late);
      request.onSent();
    }
  };
  if (counter === undefined) {
    giveUpAfter(stallTimeoutMs + readyTimeoutMs + bytes / slowestBytesPerMs, late);
  } else {
    giveUpAfter(stallTimeoutMs, stalled);
  }
  try {
    const answering = http.ky.post(url, {
      body: form,
      headers: await http.headers(request.headers),
      signal,
      // Per attempt and sending included, so it would end every big upload; the clock is here instead.
      timeout: false,
      // Repeats are ours: ky never repeats a POST, and a limit above 0 would clone the body.
      retry: 0,
      ...(counter === 'xhr' && { fetch: xhrFetch(form, onBytes, onSent) }),
      ...(counter === 'stream' && {
        onUploadProgress: ({ percent, transferredBytes }) => {
          onBytes(transferredBytes);
          if (percent === 1) {
            onSent();
          }
        },
      }),
    });
    return await readJson(answering, signal);
  } finally {
    clearTimeout(timer);
    attempt.abort();
  }
}
