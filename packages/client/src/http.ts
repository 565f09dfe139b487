import ky, { type KyInstance } from 'ky';
import { readBaseUrl } from './delivery-url.ts';
import { fromKyError } from './from-ky-error.ts';
import { SafelightError } from './safelight-error.ts';

export interface ConnectionOptions {
  /** Absolute URL of the server, such as `http://localhost:3000`. It may have a path. */
  readonly endpoint: string | URL;
  /**
   * Your ky instance, with your hooks.
   * @default ky itself
   */
  readonly ky?: KyInstance | undefined;
  /**
   * Called for each request to the endpoint, for its headers: an `Authorization` that expires, for example. It must not
   * return `Content-Type`.
   */
  readonly headers?: (() => HeadersInit | Promise<HeadersInit>) | undefined;
}

export interface CallOptions {
  /** Aborting it rejects the call with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal | undefined;
}

export interface Http {
  readonly ky: KyInstance;
  /** The headers of one request: those of the option `headers`, and `own`. */
  headers(own: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** Whether the endpoint is one of Cloudinary's hosts, which do not have Safelight's routes. */
  readonly isCloudinary: boolean;
  /** The absolute URL of a path below the endpoint. */
  url(path: string): string;
}

export function createHttp({ endpoint, ky: instance = ky, headers }: ConnectionOptions): Http {
  const baseUrl = readBaseUrl(endpoint, 'endpoint');
  return {
    ky: instance,
    headers: async (own) => {
      const given = new Headers(await headers?.());
      // The content type of a form has the boundary of its parts, which only the browser knows.
      if (given.has('content-type')) throw new TypeError('headers() must not return Content-Type. Remove it.');
      return { ...Object.fromEntries(given), ...own };
    },
    isCloudinary: /^https?:..([^/]*\.)?cloudinary\.com(:|\/|$)/.test(baseUrl),
    url: (path) => baseUrl + path,
  };
}

/**
 * Reads the JSON of a response. Every failure becomes an error of this package.
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
      ? new SafelightError('protocol', `The response of ${url} (status ${status}) is not JSON.`, {
          hint: 'Check that the endpoint is a Safelight or Cloudinary server.',
          status,
          cause,
        })
      : new SafelightError('network', `The response of ${url} ended early.`, { retryable: true, cause });
  }
}
