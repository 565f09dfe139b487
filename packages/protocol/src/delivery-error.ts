import { parseCacheStatus } from './cache-status.ts';
import { type FailureCode, failureKinds } from './failure-code.ts';
import { readRetryAfter } from './retry-after.ts';
import { parseServerTiming } from './server-timing.ts';

/** Carries the failure code. */
export const errorHeader: string = 'X-Safelight-Error';
/** Carries the message, under the name that Cloudinary uses. */
export const cloudinaryErrorHeader: string = 'X-Cld-Error';
/** A handler sets it on a 404 or 410 to say that the original is missing: `1`, or the asset's name. */
export const missingOriginalHeader: string = 'X-Safelight-Missing-Original';

/** The headers of an answer that a page of another origin may read (`Access-Control-Expose-Headers`). */
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

/** What the headers of a failing delivery say. `undefined` means that they do not say it. */
export interface DeliveryError {
  readonly status: number;
  readonly code: FailureCode | undefined;
  /** What went wrong, as one line. */
  readonly message: string | undefined;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** How long the failure is held still, in milliseconds. */
  readonly healsInMs: number | undefined;
  /** How many times in a row it has failed. */
  readonly rung: number | undefined;
  /** The body is a placeholder for the picture. */
  readonly placeholder: boolean;
  /** Whether Safelight answered from a failure that it remembered. */
  readonly cached: boolean | undefined;
}

/**
 * Reads the cause of a failing delivery (or of a placeholder with any status) out of its headers; `undefined` when
 * nothing failed. Works on a `Headers` object; never throws.
 * @param now - epoch milliseconds; a `Retry-After` that is a date is measured against it where there is no `Date`
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
  const ours = parseCacheStatus(headers.get('Cache-Status') ?? '').find(({ cache }) => cache === 'safelight');
  const rung = Number(timing('rung')?.desc);
  return {
    status,
    code: knownCode(code) ?? knownCode(timedCode),
    message,
    retryAfterMs: readRetryAfter(headers.get('Retry-After'), now, headers.get('Date')),
    healsInMs: timing('heal')?.dur,
    rung: Number.isInteger(rung) && rung > 0 ? rung : undefined,
    placeholder: timing('placeholder') !== undefined,
    cached: ours?.hit,
  };
}

function knownCode(text: string | undefined): FailureCode | undefined {
  return text !== undefined && Object.hasOwn(failureKinds, text) ? (text as FailureCode) : undefined;
}
