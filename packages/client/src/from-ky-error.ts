import type { ApiErrorBody, ProblemDocument } from '@safelight/protocol';
import { isHTTPError, isNetworkError, isTimeoutError } from 'ky';
import { fieldsOf } from './asset-response.ts';
import { retryAfterMs } from './retry-after.ts';
import { SafelightError } from './safelight-error.ts';

/** Converts an error of ky to ours. Every other value (the reason of an abort, an error of a hook) stays as it is. */
export function fromKyError(cause: unknown): unknown {
  if (isHTTPError(cause) || isNetworkError(cause) || isTimeoutError(cause)) {
    // Consoles and loggers would print the headers of the request: credentials, and the keys of uploads.
    for (const name of ['request', 'options']) Object.defineProperty(cause, name, { enumerable: false });
  }
  if (isHTTPError(cause)) {
    const { response, request, data } = cause;
    const { status, statusText, headers } = response;
    // Upload API: `{"error":{"message"}}`; problem documents (RFC 9457): `detail` or `title`; delivery: `X-Cld-Error`.
    const { error, detail, title } = fieldsOf<ApiErrorBody | ProblemDocument>(data);
    const { message } = fieldsOf<ApiErrorBody['error']>(error);
    const reason = message ?? detail ?? title ?? headers.get('x-cld-error') ?? statusText;
    return new SafelightError(
      'rejected',
      `${request.method} ${request.url} failed with status ${status}: ${`${reason}`.replace(/\.?$/, '.')}`,
      {
        status,
        retryable: /408|42[0359]|50[0234]/.test(`${status}`),
        retryAfterMs: retryAfterMs(headers, Date.now()),
        hint: hintFor(status),
        cause,
      },
    );
  }
  return isNetworkError(cause) || isTimeoutError(cause)
    ? new SafelightError('network', `No response to ${cause.request.method} ${cause.request.url}.`, {
        retryable: true,
        cause,
      })
    : cause;
}

/** Advice besides the server's own message. */
function hintFor(status: number): string | undefined {
  return status === 413
    ? 'Send a smaller file, raise the limit of the server or of a proxy before it, or set a smaller chunkBytes.'
    : [401, 403, 404].includes(status)
      ? 'Check endpoint, cloudName, uploadPreset, sign and headers.'
      : undefined;
}
