import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { ApiError } from '../api-error.ts';
import { fileBody } from './file-body.ts';
import { filenameOf, fileUrl, hasCredentials } from './file-url.ts';
import { hostAddresses, type ResolveName, resolveName } from './host-addresses.ts';
import { listedHosts } from './listed-hosts.ts';
import { loadingError, unreachable } from './loading-error.ts';
import { openAddresses } from './open-addresses.ts';
import type { RemoteFileLimits } from './remote-files-options.ts';
import { IdleError, requestFile } from './request-file.ts';

/** A file that another server sends. */
export interface RemoteFile {
  /** Throws an `ApiError` (400) when the file is too large, incomplete or too slow. */
  readonly source: AsyncIterable<Uint8Array>;
  /** The last segment of the URL that the caller sent. */
  readonly filename: string | undefined;
  /** The media type of the response, in lower case. */
  readonly mediaType: string | undefined;
}

export interface RemoteFiles {
  /**
   * Fetches a file.
   *
   * @param use - reads the file; the connection is closed when the returned promise settles
   * @throws {ApiError} 400 when the URL is refused or the file cannot be loaded, 503 when too many files are being fetched
   */
  fetch<T>(url: string, use: (file: RemoteFile) => Promise<T>): Promise<T>;
}

/** One fetch, with all of its redirects. */
interface Fetching {
  /** The URL that the caller sent. */
  readonly url: URL;
  readonly signal: AbortSignal;
}

const redirects: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);
const retryAfterSeconds = 5;

/** @param resolve - finds the addresses of a name; it is called once for each URL */
export function createRemoteFiles(limits: RemoteFileLimits, resolve: ResolveName = resolveName): RemoteFiles {
  const { maxBytes, timeoutMs, maxIdleMs, maxRedirects, maxConcurrent } = limits;
  const isListed = listedHosts(limits.hosts);
  const isOpen = openAddresses(limits.privateAddresses);
  let running = 0;

  /** The steps of each URL, also of each redirect: host, addresses, connection. Only the checked addresses are used. */
  async function request(target: URL, { url, signal }: Fetching): Promise<IncomingMessage> {
    const isRedirected = target !== url;
    if (isRedirected && hasCredentials(target)) throw loadingError(url, 'it redirects to a URL with a password');
    if (!isListed(target)) {
      throw loadingError(url, isRedirected ? redirectsToUnlisted : unlisted);
    }
    const addresses = await orAborted(hostAddresses(target, resolve), signal).catch(() => []);
    if (addresses.length === 0 || !addresses.every(isOpen)) throw loadingError(url, reasonOf(undefined, signal));
    return requestFile(target, { addresses, signal, maxIdleMs }).catch((error: unknown) => {
      throw loadingError(url, reasonOf(error, signal));
    });
  }

  function reasonOf(error: unknown, { aborted }: AbortSignal, otherwise = unreachable): string {
    if (aborted) return `it took longer than ${timeoutMs} ms`;
    return error instanceof IdleError ? `no byte has arrived in ${maxIdleMs} ms` : otherwise;
  }

  async function follow(fetching: Fetching): Promise<IncomingMessage> {
    const { url } = fetching;
    let target = url;
    for (let count = 0; ; count += 1) {
      const response = await request(target, fetching);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return response;
      response.destroy();
      if (!redirects.has(statusCode) || headers.location === undefined) {
        throw loadingError(url, `${statusCode} ${STATUS_CODES[statusCode] ?? 'Unknown'}`);
      }
      if (count === maxRedirects) throw loadingError(url, `it has more than ${maxRedirects} redirects`);
      target = redirected(target, headers.location, url);
    }
  }

  async function fetchFile<T>(fetching: Fetching, use: (file: RemoteFile) => Promise<T>): Promise<T> {
    const { url, signal } = fetching;
    const response = await follow(fetching);
    try {
      const source = fileBody(response, {
        maxBytes,
        refusal: (why) => loadingError(url, why),
        causeOf: (error) => reasonOf(error, signal, 'the connection has ended before the end of the file'),
      });
      return await use({ source, filename: filenameOf(url), mediaType: mediaTypeOf(response) });
    } finally {
      response.destroy();
    }
  }

  return {
    async fetch(text, use) {
      const url = fileUrl(text);
      if (running >= maxConcurrent) throw busy(maxConcurrent);
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), timeoutMs);
      running += 1;
      try {
        return await fetchFile({ url, signal: controller.signal }, use);
      } finally {
        running -= 1;
        clearTimeout(timer);
      }
    },
  };
}

const unlisted = 'files are not fetched from its host or port';
const redirectsToUnlisted = 'it redirects to a host or port that files are not fetched from';

/** @throws {ApiError} 400 when the target cannot be used. From https, the next request must also be encrypted. */
function redirected(from: URL, location: string, url: URL): URL {
  if (!URL.canParse(location, from.href)) throw loadingError(url, 'it redirects to a malformed URL');
  const target = new URL(location, from.href);
  if (target.protocol === 'https:' || (target.protocol === 'http:' && from.protocol === 'http:')) return target;
  throw loadingError(
    url,
    from.protocol === 'https:'
      ? 'it redirects from https to another scheme'
      : 'it redirects to a scheme other than http and https',
  );
}

function mediaTypeOf({ headers }: IncomingMessage): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() || undefined;
}

function busy(maxConcurrent: number): ApiError {
  return new ApiError(
    503,
    `The server is busy: ${maxConcurrent} remote files are being fetched. Repeat the call in ${retryAfterSeconds} s.`,
    { 'retry-after': String(retryAfterSeconds) },
  );
}

/** Waits no longer than the signal allows. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
