import { isHTTPError } from 'ky';
import { type CallOptions, type Http, readJson } from './http.ts';
import { retryAfterMs } from './retry-after.ts';

/** The maximum `Retry-After` for which a GET waits. A longer one makes it fail at once. */
const maxRetryAfterMs = 5_000;

export interface GetOptions extends CallOptions {
  /**
   * The maximum number of repeats, after failures that a repeat may cure.
   * @default 2
   */
  readonly retries?: number | undefined;
  /** Headers of this request besides those of the option `headers`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Requests JSON with GET. Each attempt has ky's timeout, which is 10 s by default.
 * @throws {SafelightError} `rejected`, `network` or `protocol`; an abort rejects with the signal's reason
 */
export async function getJson(
  http: Http,
  path: string,
  { signal, retries = 2, headers }: GetOptions = {},
): Promise<unknown> {
  const pending = http.ky.get(http.url(path), {
    headers: await http.headers({ accept: 'application/json', ...headers }),
    retry: {
      limit: retries,
      // ky's `maxRetryAfter` would repeat the request too early instead of failing.
      shouldRetry: ({ error }) =>
        isHTTPError(error) && (retryAfterMs(error.response.headers, Date.now()) ?? 0) > maxRetryAfterMs
          ? false
          : undefined,
    },
    ...(signal ? { signal } : {}),
  });
  return readJson(pending, signal);
}
