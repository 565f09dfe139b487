import { retryAfterMs } from './retry-after.ts';
import { SafelightError } from './safelight-error.ts';

/**
 * An answer with an error status as our error, in the server's own words.
 * @param from method and URL of the request
 * @param body the answer's JSON; `undefined` when it is none
 */
export function rejection(from: string, { status, statusText, headers }: Response, body: unknown): SafelightError {
  // Upload API: `{"error":{"message"}}`; problem documents (RFC 9457): `detail` or `title`; delivery: `X-Cld-Error`.
  const { error, detail, title } = Object(body) as Readonly<Record<string, unknown>>;
  const { message } = Object(error) as Readonly<Record<string, unknown>>;
  const said = message ?? detail ?? title ?? headers.get('x-cld-error') ?? statusText;
  return new SafelightError('rejected', `${from} was answered ${status}: ${`${said}`.replace(/\.?$/, '.')}`, {
    status,
    retryable: /408|42[0359]|50[0234]/.test(`${status}`),
    retryAfterMs: retryAfterMs(headers, Date.now()),
    hint: hintFor(status),
  });
}

/** What may help, besides the server's own words. */
function hintFor(status: number): string | undefined {
  return status === 413
    ? 'Send less, or raise the limit of the server.'
    : [401, 403, 404].includes(status)
      ? 'Check endpoint, cloudName, uploadPreset, sign and headers.'
      : undefined;
}
