import { baseUrl } from './delivery-url.ts';
import { rejection } from './rejection.ts';
import { SafelightError } from './safelight-error.ts';
import { withRetries } from './upload/retry.ts';

export interface ConnectionOptions {
  /** Origin of the server, for example `http://localhost:3000`; a path in front of everything is allowed. */
  readonly endpoint: string | URL;
  /**
   * A ky instance of yours, for its hooks; repeats and timeouts stay with this package. Default: `fetch`, and
   * XMLHttpRequest where bytes are counted.
   */
  readonly ky?: KyLike;
  /** Headers for every call to the endpoint, asked anew each time: an `Authorization` that expires, for example. */
  readonly headers?: () => HeadersInit | Promise<HeadersInit>;
}

export interface CallOptions {
  /** Aborting it rejects the call with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal;
}

/** As much of ky as is used here; every instance of ky 2 is one. */
export type KyLike = (
  url: string | URL,
  options: HttpInit & { readonly retry: 0; readonly timeout: false; readonly throwHttpErrors: false },
) => Promise<Response>;

/** A request, and the `fetch` that sends it when that is not the usual one. */
export type HttpInit = RequestInit & { readonly fetch?: typeof fetch };

export interface Http {
  /** Sends one request, through the caller's ky where there is one. Whatever the status: an answer is an answer. */
  fetch(url: string | URL, init?: HttpInit): Promise<Response>;
  /** The caller's headers and ours, for one request. */
  headers(own: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** Whether the endpoint is one of Cloudinary's own, which know nothing of Safelight. */
  readonly isCloudinary: boolean;
  /** The absolute URL of a path below the endpoint. */
  url(path: string): string;
}

export function createHttp({ endpoint, ky, headers }: ConnectionOptions): Http {
  const origin = baseUrl(endpoint, 'endpoint');
  return {
    fetch: (url, { fetch: send = fetch, ...init } = {}) =>
      ky === undefined
        ? send(url, init)
        : ky(url, {
            ...init,
            retry: 0,
            timeout: false,
            throwHttpErrors: false,
            ...(send !== fetch && { fetch: send }),
          }),
    headers: async (own) => ({ ...Object.fromEntries(new Headers(await headers?.())), ...own }),
    isCloudinary: /^https?:..([^/]*\.)?cloudinary\.com(:|\/|$)/.test(origin),
    url: (path) => origin + path,
  };
}

/** The longest wait that a GET accepts from a server's `Retry-After`; a longer one is reported instead. */
const patienceMs = 5_000;
const getTimeoutMs = 10_000;

export interface GetOptions extends CallOptions {
  /** Repeats where they can help. Default 2. */
  readonly retries?: number;
}

/**
 * GETs JSON: 10 s for each attempt.
 * @throws {SafelightError} `rejected`, `network` or `protocol`; an abort rejects with the signal's reason
 */
export function getJson(
  http: Http,
  path: string,
  { signal = new AbortController().signal, retries = 2 }: GetOptions = {},
): Promise<unknown> {
  const attempt = async (): Promise<unknown> => {
    const headers = await http.headers({ accept: 'application/json' });
    signal.throwIfAborted();
    return fetchJson(http, http.url(path), {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(getTimeoutMs)]),
    }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
  };
  const mayRepeat = ({ retryable }: SafelightError): boolean => retryable;
  return withRetries(attempt, { retries, patienceMs, signal, random: Math.random, mayRepeat });
}

/**
 * The JSON of an answer, every failure told in this package's words.
 * @throws {SafelightError} `rejected`, `network` or `protocol`; an abort rejects with the signal's reason
 */
export async function fetchJson(http: Http, url: string, init: HttpInit): Promise<unknown> {
  const from = `${init.method ?? 'GET'} ${url}`;
  let response: Response;
  let text: string;
  try {
    response = await http.fetch(url, init);
    text = await response.text();
  } catch (cause) {
    // By name: what `fetch`, ky and a timeout throw. Anything else comes from a hook, and is its own.
    throw /^(Type|Network|Timeout)Error$/.test((cause as Error | undefined)?.name ?? '')
      ? new SafelightError('network', `No answer from ${from}.`, { retryable: true, cause })
      : cause;
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    if (response.ok) {
      throw new SafelightError('protocol', `${from} was answered ${response.status} with something that is no JSON.`, {
        hint: 'Check that the endpoint is a Safelight or Cloudinary server.',
        status: response.status,
        cause,
      });
    }
  }
  if (!response.ok) {
    throw rejection(from, response, body);
  }
  return body;
}
