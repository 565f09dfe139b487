import { type HTTPError, isHTTPError, isNetworkError, isTimeoutError } from 'ky';
import { retryAfterMs } from './retry-after.ts';
import { SafelightError } from './safelight-error.ts';

const worthRetrying: ReadonlySet<number> = new Set([408, 420, 423, 425, 429, 500, 502, 503, 504]);

/** What ky throws as our error; anything else (an abort's reason, a hook's own error) unchanged. */
export function fromKyError(error: unknown): unknown {
  if (isHTTPError(error)) {
    return rejected(error);
  }
  if (isNetworkError(error) || isTimeoutError(error)) {
    return new SafelightError('network', `No answer from ${error.request.method} ${error.request.url}.`, {
      retryable: true,
      cause: error,
    });
  }
  return error;
}

function rejected(error: HTTPError): SafelightError {
  const { response, request } = error;
  const said = serverMessage(error) ?? (response.statusText || 'no message');
  return new SafelightError('rejected', `${request.method} ${request.url} was answered ${response.status}: ${said}`, {
    status: response.status,
    retryable: worthRetrying.has(response.status),
    retryAfterMs: retryAfterMs(response.headers, Date.now()),
    cause: error,
  });
}

/** Upload API: `{"error":{"message"}}`; problem documents (RFC 9457): `detail` or `title`; delivery: `X-Cld-Error`. */
function serverMessage({ data, response }: HTTPError): string | undefined {
  if (typeof data === 'object' && data !== null) {
    const { error, detail, title } = data as Readonly<Record<string, unknown>>;
    const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
    const text = [message, detail, title].find((candidate) => typeof candidate === 'string');
    if (text !== undefined) {
      return text as string;
    }
  }
  return response.headers.get('x-cld-error') ?? undefined;
}
