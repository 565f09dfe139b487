import { SafelightError } from '../safelight-error.ts';

/** A request that ended before its body was sent. */
export interface EarlyEnd {
  /** The error to report. */
  readonly error: unknown;
  /** `NaN` when the server could not be reached afterwards: then the connection was lost. */
  readonly sentBytes: number;
}

/** Bytes that a browser may have counted as sent while they were still in socket buffers. */
const bufferedBytes = 4 * 1024 * 1024;
const maxProbeMs = 5_000;

/**
 * Recognises requests that are refused before they have arrived: by CORS, or by the size limit of a proxy. A browser
 * reports both as a lost connection. When two requests in a row end after about the same number of bytes, although the
 * server could be reached between them, the connection was not lost.
 * @param earlier - the early end of the request before this one
 */
export async function nextEarlyEnd(
  earlier: EarlyEnd | undefined,
  { error, url, sentBytes, signal }: EarlyEnd & { readonly url: string; readonly signal: AbortSignal },
): Promise<EarlyEnd> {
  if (earlier && Math.abs(sentBytes - earlier.sentBytes) <= bufferedBytes) {
    const blocked = new SafelightError(
      'blocked',
      `POST ${url} was refused by CORS or by a proxy's size limit: it ended twice before its body was sent.`,
      {
        hint: "Allow the request's headers in CORS, raise the proxy's limit (client_max_body_size of nginx), or set a smaller chunkBytes.",
        cause: error,
      },
    );
    return { error: blocked, sentBytes: Number.NaN };
  }
  return { error, sentBytes: (await canBeReached(url, signal)) ? sentBytes : Number.NaN };
}

/** Any response means that the server can be reached, also one that CORS hides from the page. */
async function canBeReached(url: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(maxProbeMs)]);
  return fetch(url, { mode: 'no-cors', cache: 'no-store', signal: limit }).then(
    () => true,
    () => false,
  );
}
