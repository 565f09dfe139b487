import { parseCacheStatus } from './cache-status.ts';
import { type FailureCode, failureKinds } from './failure-code.ts';
import { readRetryAfter } from './retry-after.ts';
import { parseServerTiming } from './server-timing.ts';

/** The response header with the failure code, such as `missing_original`. */
export const errorHeader: string = 'X-Safelight-Error';
/** The response header with the error message. Cloudinary uses the same name. */
export const cloudinaryErrorHeader: string = 'X-Cld-Error';
/**
 * A handler sets this header on a 404 or 410 response to say that the original is missing: `1`, or the asset's name.
 */
export const missingOriginalHeader: string = 'X-Safelight-Missing-Original';

/** The response headers that a page of another origin may read (`Access-Control-Expose-Headers`). */
export const exposedHeaders: readonly string[] = [
  'Age',
  'Cache-Status',
  'Date',
  'ETag',
  'Retry-After',
  'Server-Timing',
  cloudinaryErrorHeader,
  errorHeader,
];

/**
 * The metrics of a failing delivery in `Server-Timing`, which a page can read of an image: the failure code, how many
 * times in a row it has failed, how long it is held, and whether the body is a placeholder.
 */
export type FailureMetric = 'err' | 'rung' | 'heal' | 'placeholder';

/** The cause of a failed delivery, from its headers. A field is `undefined` when the headers do not have it. */
export interface DeliveryError {
  readonly status: number;
  readonly code: FailureCode | undefined;
  /** The error message, one line. */
  readonly message: string | undefined;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The remaining time for which the failure is held, in milliseconds. */
  readonly healsInMs: number | undefined;
  /** The number of failures in a row, from 1. */
  readonly rung: number | undefined;
  /** Whether the body is a placeholder for the picture. */
  readonly placeholder: boolean;
  /** Whether Safelight responded with a held failure, without a new attempt. */
  readonly cached: boolean | undefined;
}

/**
 * Reads the cause of a failed delivery from its response headers, or the cause of a placeholder, which may have any
 * status. Never throws.
 *
 * @param headers - a `Headers` object, or any object with its `get`
 * @param now - epoch milliseconds; used when `Retry-After` is a date and there is no `Date`. @default Date.now()
 * @returns `undefined` when the delivery has not failed
 * @example
 * const headers = new Headers({ 'X-Safelight-Error': 'missing_original', 'Retry-After': '57' });
 * const error = readDeliveryError(headers, 404);
 * error?.code; // 'missing_original'
 * error?.retryAfterMs; // 57000
 */
export function readDeliveryError(
  headers: { get(name: string): string | null },
  status: number,
  now: number = Date.now(),
): DeliveryError | undefined {
  const code = headers.get(errorHeader) ?? undefined;
  const message = headers.get(cloudinaryErrorHeader) ?? undefined;
  const timings = parseServerTiming(headers.get('Server-Timing') ?? '');
  const timing = (name: FailureMetric) => timings.find((metric) => metric.name === name);
  const timedCode = timing('err')?.desc;
  if (status < 400 && code === undefined && message === undefined && timedCode === undefined) return undefined;
  const ownStatus = parseCacheStatus(headers.get('Cache-Status') ?? '').find(({ cache }) => cache === 'safelight');
  const rung = Number(timing('rung')?.desc);
  return {
    status,
    code: knownCode(code) ?? knownCode(timedCode),
    message,
    retryAfterMs: readRetryAfter(headers.get('Retry-After'), now, headers.get('Date')),
    healsInMs: timing('heal')?.dur,
    rung: Number.isInteger(rung) && rung > 0 ? rung : undefined,
    placeholder: timing('placeholder') !== undefined,
    cached: ownStatus?.hit,
  };
}

function knownCode(text: string | undefined): FailureCode | undefined {
  return text !== undefined && Object.hasOwn(failureKinds, text) ? (text as FailureCode) : undefined;
}
