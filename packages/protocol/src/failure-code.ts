/**
 * How long a failure is held, as a class. `defaultLadders` has the windows of each class.
 * - `absence`: the asset has no original. The failure is about the asset, so every derivation shares it.
 * - `missing_version`: this version of the asset does not exist. Other versions are not affected.
 * - `permanent`: this derivation fails until something changes (a bad transformation, an unreadable original).
 * - `transient`: a later attempt may succeed without a change (a crash, a timeout, an upstream server that is down).
 * - `never`: the failure is not held.
 */
export type FailureClass = 'absence' | 'missing_version' | 'permanent' | 'transient' | 'never';

/** The name of a failure, in headers and documents. `failureKinds` says what each means. */
export type FailureCode =
  | 'missing_original'
  | 'missing_version'
  | 'not_found'
  | 'gone'
  | 'bad_request'
  | 'bad_transformation'
  | 'invalid_original'
  | 'too_many_pixels'
  | 'too_complex'
  | 'forbidden'
  | 'method_not_allowed'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'unprocessable'
  | 'unavailable_for_legal_reasons'
  | 'not_implemented'
  | 'handler_failed'
  | 'bad_gateway'
  | 'unavailable'
  | 'timed_out'
  | 'invalid_url'
  | 'invalid_public_id'
  | 'not_offered'
  | 'bad_signature'
  | 'uri_too_long'
  | 'uri_refused'
  | 'busy'
  | 'pending'
  | 'store_unavailable';

/** The meaning of a failure code. */
export interface FailureKind {
  /** The HTTP status of the response. */
  readonly status: number;
  /** One short sentence for people; the same for every occurrence (RFC 9457 section 3.1.3). */
  readonly title: string;
  readonly class: FailureClass;
}

/** Every failure of a delivery. Routes, headers, docs/failure-codes.md and tests are derived from this table. */
export const failureKinds: Readonly<Record<FailureCode, FailureKind>> = {
  missing_original: { status: 404, title: 'The original has not been uploaded', class: 'absence' },
  missing_version: { status: 404, title: 'This version of the original does not exist', class: 'missing_version' },
  not_found: { status: 404, title: 'Not found', class: 'permanent' },
  gone: { status: 410, title: 'Gone', class: 'permanent' },
  bad_request: { status: 400, title: 'Bad request', class: 'permanent' },
  bad_transformation: { status: 400, title: 'The transformation cannot be applied', class: 'permanent' },
  invalid_original: { status: 400, title: 'The original cannot be read', class: 'permanent' },
  too_many_pixels: { status: 400, title: 'The picture has too many pixels', class: 'permanent' },
  too_complex: { status: 400, title: 'The original takes too much work to read', class: 'permanent' },
  forbidden: { status: 403, title: 'Forbidden', class: 'permanent' },
  method_not_allowed: { status: 405, title: 'Method not allowed', class: 'permanent' },
  payload_too_large: { status: 413, title: 'Too large', class: 'permanent' },
  uri_refused: { status: 414, title: 'The handler refused the URL as too long', class: 'permanent' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type', class: 'permanent' },
  unprocessable: { status: 422, title: 'Unprocessable', class: 'permanent' },
  unavailable_for_legal_reasons: { status: 451, title: 'Unavailable for legal reasons', class: 'permanent' },
  not_implemented: { status: 501, title: 'Not implemented', class: 'permanent' },
  handler_failed: { status: 500, title: 'The transformation failed', class: 'transient' },
  bad_gateway: { status: 502, title: 'An upstream server failed', class: 'transient' },
  unavailable: { status: 503, title: 'Temporarily unavailable', class: 'transient' },
  timed_out: { status: 504, title: 'The transformation took too long', class: 'transient' },
  invalid_url: { status: 400, title: 'The URL is not a delivery URL', class: 'never' },
  invalid_public_id: { status: 400, title: 'The public ID is not valid', class: 'never' },
  not_offered: { status: 400, title: 'Not offered here', class: 'never' },
  bad_signature: { status: 401, title: 'The signature does not match', class: 'never' },
  uri_too_long: { status: 414, title: 'The URL is too long', class: 'never' },
  busy: { status: 503, title: 'Too many requests wait for the same response', class: 'never' },
  pending: { status: 423, title: 'The original is being uploaded', class: 'never' },
  store_unavailable: { status: 503, title: 'The change could not be recorded', class: 'never' },
};

/**
 * The statuses that are held when only the status is known. Every other response is sent to the client and not held.
 */
const codesByStatus: Readonly<Record<number, FailureCode>> = {
  400: 'bad_request',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  410: 'gone',
  413: 'payload_too_large',
  414: 'uri_refused',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  451: 'unavailable_for_legal_reasons',
  500: 'handler_failed',
  501: 'not_implemented',
  502: 'bad_gateway',
  503: 'unavailable',
  504: 'timed_out',
};

/**
 * Statuses that often concern one request and not the picture: a header or a body that the handler refuses, a client
 * without a permission. A guard holds them only where its option `hold` names them.
 */
export const optionallyHeldStatuses: readonly number[] = [400, 403, 413, 415, 422, 451];

/**
 * The failure code for the status of a handler's response; `undefined` for a success and for an error that is never held
 * (401, 429, 420 and others). A 404 or 410 alone is a failure of one derivation: it does not say that the original is
 * missing.
 *
 * @example
 * failureCodeOfStatus(404); // 'not_found'
 * failureCodeOfStatus(429); // undefined
 */
export function failureCodeOfStatus(status: number): FailureCode | undefined {
  return codesByStatus[status];
}
