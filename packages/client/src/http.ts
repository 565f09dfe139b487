import ky, { isHTTPError, type KyInstance } from 'ky';
import { baseUrl } from './delivery-url.ts';
import { fromKyError } from './from-ky-error.ts';
import { retryAfterMs } from './retry-after.ts';
import { SafelightError } from './safelight-error.ts';

export interface ConnectionOptions {
  /** Origin of the server, for example `http://localhost:3000`; a path in front of everything is allowed. */
  readonly endpoint: string | URL;
  /** Your ky instance, with your hooks. Default: ky itself. */
  readonly ky?: KyInstance;
  /** Called for the headers of each request to the endpoint: an `Authorization` that expires, for example. */
  readonly headers?: () => HeadersInit | Promise<HeadersInit>;
}

export interface CallOptions {
  /** Aborting it rejects the call with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal;
}

export interface Http {
  readonly ky: KyInstance;
  /** The caller's headers and ours, for one request. */
  headers(own: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** Whether the endpoint is one of Cloudinary's own, which know nothing of Safelight. */
  readonly isCloudinary: boolean;
  /** The absolute URL of a path below the endpoint. */
  url(path: string): string;
}

export function createHttp({ endpoint, ky: base = ky, headers }: ConnectionOptions): Http {
  const origin = baseUrl(endpoint, 'endpoint');
  return {
    ky: base,
    headers: async (own) => ({ ...Object.fromEntries(new Headers(await headers?.())), ...own }),
    isCloudinary: /^https?:..([^/]*\.)?cloudinary\.com(:|\/|$)/.test(origin),
    url: (path) => origin + path,
  };
}

/** The maximum `Retry-After` that a GET waits for; a longer one is reported as an error. */
const patienceMs = 5_000;

export interface GetOptions extends CallOptions {
  /** The maximum number of repeats, where a repeat can help. Default 2. */
  readonly retries?: number;
}

/**
 * GETs JSON: 10 s for each attempt.
 * @throws {SafelightError} `rejected`, `network` or `protocol`; an abort rejects with the signal's reason
 */
export async function getJson(http: Http, path: string, { signal, retries = 2 }: GetOptions = {}): Promise<unknown> {
  const pending = http.ky.get(http.url(path), {
    headers: await http.headers({ accept: 'application/json' }),
    retry: {
      limit: retries,
      // ky's `maxRetryAfter` would ask again too early instead of giving up.
      shouldRetry: ({ error }) =>
        isHTTPError(error) && (retryAfterMs(error.response.headers, Date.now()) ?? 0) > patienceMs ? false : undefined,
    },
    ...(signal ? { signal } : {}),
  });
  return readJson(pending, signal);
}

/**
 * The JSON of a response. Every failure becomes an error of this package.
 * @throws {SafelightError} `rejected`, `network` or `protocol`; an abort rejects with the signal's reason
 */
export async function readJson(pending: Promise<Response>, signal?: AbortSignal): Promise<unknown> {
  let response: Response | undefined;
  try {
    response = await pending;
    return JSON.parse(await response.text()) as unknown;
  } catch (cause) {
    if (signal?.aborted) {
      throw signal.reason;
    }
    if (response === undefined) {
      throw fromKyError(cause);
    }
    const { url, status } = response;
    throw cause instanceof SyntaxError
      ? new SafelightError('protocol', `${url} answered ${status} with a body that is not JSON.`, {
          hint: 'Check that the endpoint is a Safelight or Cloudinary server.',
          status,
          cause,
        })
      : new SafelightError('network', `The answer of ${url} broke off.`, { retryable: true, cause });
  }
}
