import { SafelightError } from '../safelight-error.ts';

/** Bytes that a browser may have counted as sent while they were still in socket buffers. */
const bufferedBytes = 4 * 1024 * 1024;
const maxProbeMs = 5_000;

/**
 * Recognises requests that are refused before they have arrived: by CORS, or by the size limit of a proxy. A browser
 * reports both as a lost connection. When two requests in a row end after about the same number of bytes, although the
 * server could be reached between them, the connection was not lost.
 * @param url - where the requests are sent
 * @returns a function of the error of each request, and of the number of bytes that it had sent; `undefined` when all bytes were
 *   sent, or when they were not counted. It returns the error to report
 */
export function createEarlyEnds(
  url: string,
  signal: AbortSignal,
): (error: unknown, sentBytes: number | undefined) => Promise<unknown> {
  let earlierBytes = Number.NaN;
  return async function explained(error, sentBytes) {
    const isEarly = sentBytes !== undefined && Object(error).code === 'network';
    if (isEarly && Math.abs(sentBytes - earlierBytes) <= bufferedBytes) {
      return new SafelightError(
        'blocked',
        `POST ${url} was refused by CORS or by a proxy's size limit: it ended twice before its body was sent.`,
        {
          hint: "Allow the request's headers in CORS, raise the proxy's limit (client_max_body_size of nginx), or set a smaller chunkBytes.",
          cause: error,
        },
      );
    }
    earlierBytes = isEarly && (await canBeReached(url, signal)) ? sentBytes : Number.NaN;
    return error;
  };
}

/** Any response means that the server can be reached, also one that CORS hides from the page. */
async function canBeReached(url: string, signal: AbortSignal): Promise<boolean> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), maxProbeMs);
  try {
    await fetch(url, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.any([signal, limit.signal]) });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
