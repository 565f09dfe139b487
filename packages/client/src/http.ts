import { type ApiOperation, apiPath } from '@safelight/protocol';
import ky, { isHTTPError, type KyInstance } from 'ky';
import { baseUrl } from './delivery-url.ts';
import { fromKyError } from './from-ky-error.ts';
import { retryAfterMs } from './retry-after.ts';
import { SafelightError } from './safelight-error.ts';

export interface ConnectionOptions {
  /** Origin of the server, for example `http://localhost:3000`; a path in front of everything is allowed. */
  readonly endpoint: string | URL;
  /** A ky instance of yours, with your hooks. Default: ky itself. */
  readonly ky?: KyInstance;
  /** Headers for every call to the endpoint, asked anew each time: an `Authorization` that expires, for example. */
  readonly headers?: () => HeadersInit | Promise<HeadersInit>;
}

export interface CallOptions {
  /** Aborting it rejects the call with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal;
}

export interface Http {
  readonly ky: KyInstance;
  /** The absolute URL of an operation. */
  url(operation: ApiOperation, values: Readonly<Record<string, string>>): URL;
}

/** The longest wait that a GET accepts from a server's `Retry-After`; a longer one is reported instead. */
const patienceMs = 5_000;

export function createHttp({ endpoint, ky: base = ky, headers }: ConnectionOptions): Http {
  const origin = baseUrl(endpoint, 'endpoint');
  return {
    ky: base.extend({
      retry: {
        // ky's `maxRetryAfter` would ask again too early instead of giving up.
        shouldRetry: ({ error }) =>
          isHTTPError(error) && (retryAfterMs(error.response.headers, Date.now()) ?? 0) > patienceMs
            ? false
            : undefined,
      },
      hooks: headers === undefined ? {} : { beforeRequest: [({ request }) => addHeaders(request, headers)] },
    }),
    url: (operation, values) => new URL(`${origin}${apiPath(operation, values)}`),
  };
}

async function addHeaders(request: Request, headers: () => HeadersInit | Promise<HeadersInit>): Promise<void> {
  new Headers(await headers()).forEach((value, name) => {
    request.headers.set(name, value);
  });
}

/**
 * GETs JSON: 10 s for each attempt, at most two repeats where they can help.
 * @throws {SafelightError} `rejected`, `network` or `protocol`; an abort rejects with the signal's reason
 */
export async function getJson(http: Http, url: URL, { signal }: CallOptions = {}): Promise<unknown> {
  return readJson(http.ky.get(url, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) }), signal);
}

/**
 * The JSON of an answer, every failure told in this package's words.
 * @throws {SafelightError} `rejected`, `network` or `protocol`; an abort rejects with the signal's reason
 */
export async function readJson(answering: Promise<Response>, signal?: AbortSignal): Promise<unknown> {
  const response = await answering.catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : fromKyError(error);
  });
  const text = await response.text().catch((cause: unknown) => {
    throw signal?.aborted
      ? signal.reason
      : new SafelightError('network', `The answer of ${response.url} broke off.`, { retryable: true, cause });
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SafelightError(
      'protocol',
      `${response.url} answered ${response.status} with something that is no JSON.`,
      {
        hint: 'Check that the endpoint is a Safelight or Cloudinary server.',
        status: response.status,
        cause,
      },
    );
  }
}
