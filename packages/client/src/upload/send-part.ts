import { type Http, readJson } from '../http.ts';
import { SafelightError } from '../safelight-error.ts';
import { resultOf } from './time-limit.ts';
import { xhrFetch } from './xhr-fetch.ts';

export interface PartRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: FormData;
  /** Size of the file, or of the part that this request sends. */
  readonly bytes: number;
  readonly stallTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** How bytes are counted; when it is `undefined`, neither listener is called. */
  readonly counter: ByteCounter | undefined;
  /** @param sentBytes - bytes of the request body, which is a little longer than the file in it */
  readonly onBytes: (sentBytes: number) => void;
  /** Called when the whole body has left this machine. */
  readonly onSent: () => void;
}

/**
 * How the sent bytes of a body are counted in this environment:
 * - `xhr`: in browsers, by XMLHttpRequest, because their `fetch` does not report progress
 * - `stream`: in Node, while the body is read; the request is then chunked (RFC 9112 section 7.1)
 * - `undefined`: in service workers, Bun and Deno, which support neither; then only phases are reported
 */
export type ByteCounter = 'xhr' | 'stream';

/**
 * @param isWatched - whether the caller needs the number of bytes
 * @param hasPreflight - whether the request has headers that cause a CORS preflight in any case. Then counting costs
 *   nothing, and it tells a stalled or refused request from a slow one
 */
export function byteCounter(isWatched: boolean, hasPreflight: boolean): ByteCounter | undefined {
  if (typeof XMLHttpRequest === 'function') return isWatched || hasPreflight ? 'xhr' : undefined;
  return isWatched && !('WorkerGlobalScope' in globalThis) && readsDuplex() ? 'stream' : undefined;
}

/**
 * Whether `fetch` can send this environment's files. In vitest with jsdom it cannot: the files are jsdom's, and `fetch` is
 * Node's.
 */
export function fetchKnowsFiles(): boolean {
  return new Response(new Blob([], { type: 'a/b' })).headers.get('content-type') === 'a/b';
}

/**
 * Whether `Request` reads its option `duplex`, which streams as bodies need. ky counts bytes only in such environments,
 * so in others no byte would ever be seen.
 */
function readsDuplex(): boolean {
  let isRead = false;
  const init = {
    get duplex(): unknown {
      isRead = true;
      return undefined;
    },
  };
  new Request('http://localhost', init as RequestInit);
  return isRead;
}

const minBytesPerMs = 8;

/**
 * One attempt to send one request of an upload, with timeouts. While it sends, the timeout starts again whenever bytes
 * are sent. After the last byte a new timeout starts for the response: some megabytes may still be in socket buffers, so
 * a time without progress is normal.
 * @returns the JSON of the response; the caller must validate it
 * @throws {SafelightError} `rejected`, `network`, `protocol`, `stalled` or `not_ready_in_time`; an abort rejects with
 *   the signal's reason
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
    new SafelightError('stalled', `The upload sent no byte for ${stallTimeoutMs} ms.`, {
      retryable: true,
      phase: 'sending',
      hint: 'Check the connection, or raise stallTimeoutMs.',
    });
  const late = () =>
    new SafelightError('not_ready_in_time', 'The response to the upload is late.', {
      retryable: true,
      phase: 'processing',
      hint: 'It may become ready later: call client.whenReady(), or raise readyTimeoutMs.',
    });
  const onBytes = (sentBytes: number): void => {
    // The body of a failed attempt may still be read; that is not progress.
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
    giveUpAfter(stallTimeoutMs + readyTimeoutMs + bytes / minBytesPerMs, late);
  } else {
    giveUpAfter(stallTimeoutMs, stalled);
  }
  try {
    const pending = http.ky.post(url, {
      body: form,
      headers: await resultOf('headers', http.headers(request.headers), stallTimeoutMs, signal),
      signal,
      // ky's timeout includes the time of sending, so it would abort every large upload; the timeouts above replace it.
      timeout: false,
      // `withRetries` repeats: ky never repeats a POST, and a limit above 0 would clone the body.
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
    return await readJson(pending, signal);
  } finally {
    clearTimeout(timer);
    attempt.abort();
  }
}
