import { checkOptions, finiteValue, kindOfValue, type OptionRule, readHttpDate } from '@safelight/protocol';
import { type CacheDirectives, maxDeltaSeconds, readCacheDirectives } from './cache-directives.ts';
import { hasPicture, isCacheableStatus } from './cacheable-status.ts';
import { fieldText, madeAt, type ReceivedFields, type ResponseHead } from './response-head.ts';
import { revalidationHeaders } from './revalidation.ts';
import { isStorable } from './storable.ts';
import { targetedDirectives } from './targeted-directives.ts';
import { variantOf } from './variant.ts';

/** Until when a response may be reused. All instants are epoch milliseconds. Each period ends just before its instant. */
export interface Freshness {
  /** When the response was received. */
  readonly cachedAt: number;
  /** The age of the response at `cachedAt`, in milliseconds. */
  readonly initialAgeMs: number;
  /** Until then the response is fresh. At most `cachedAt` when it must be revalidated each time. */
  readonly freshUntil: number;
  /** Until then the stale response may be served while it is revalidated (`stale-while-revalidate`, RFC 5861). */
  readonly whileRevalidatingUntil: number;
  /** Until then the stale response may be served when the handler fails (`stale-if-error`, RFC 5861). */
  readonly ifErrorUntil: number;
}

/** When the handler got the request, and when the status line of its response arrived. Epoch milliseconds. */
export interface ResponseTimes {
  readonly requestedAt: number;
  readonly respondedAt: number;
}

export interface FreshnessOptions {
  /**
   * How long a 200 or 203 response that states no lifetime is fresh, in milliseconds. 0: it is revalidated each time. It
   * does not count for a request with cookies.
   * @default 86_400_000 (24 h)
   */
  readonly silentFreshMs?: number;
  /**
   * How long a stale response may be served in place of an error of the handler, in milliseconds. It counts when the
   * response is a 200 or 203 that neither states that time (`stale-if-error`) nor forbids stale responses. 0: never.
   * @default 86_400_000 (24 h)
   */
  readonly staleIfErrorMs?: number;
  /**
   * Names of response fields that replace `Cache-Control` and `Expires` for this cache (RFC 9213 section 2.2), the most
   * important first, such as `CDN-Cache-Control`.
   * @default []
   */
  readonly targets?: readonly string[];
}

/**
 * Computes how long the response to a GET may be reused. `undefined`: it must not be stored, or it could never be reused.
 * The request has only the fields that the handler saw: a response that states no lifetime, to a request with a `Cookie`,
 * is not stored.
 */
export type FreshnessOf = (
  request: ReceivedFields,
  response: ResponseHead,
  times: ResponseTimes,
) => Freshness | undefined;

const dayMs = 86_400_000;

const durationRule = finiteValue({ min: 0, unit: 'milliseconds' });

/** The rules for `FreshnessOptions`, for functions that take these options among others. */
export const freshnessRules: Readonly<Record<keyof FreshnessOptions, OptionRule>> = {
  silentFreshMs: durationRule,
  staleIfErrorMs: durationRule,
  targets: {
    expected: "an array of names of response fields, such as ['CDN-Cache-Control']",
    faultOf: (value) => (Array.isArray(value) && value.every(isFieldName) ? undefined : kindOfValue(value)),
  },
};

function isFieldName(value: unknown): boolean {
  return typeof value === 'string' && /^[!#$%&'*+.^_`|~\w-]+$/.test(value);
}

/**
 * Applies the rules of RFC 9111 for a shared cache in front of the application's handler.
 *
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when an option is negative or not finite
 * @example
 * const freshnessOf = createFreshnessOf();
 * const response = { status: 200, headers: { 'cache-control': 'max-age=60' } };
 * freshnessOf({}, response, { requestedAt: 1_700_000_000_000, respondedAt: 1_700_000_000_000 })?.freshUntil; // 1700000060000
 */
export function createFreshnessOf(options: FreshnessOptions = {}): FreshnessOf {
  checkOptions<FreshnessOptions>('createFreshnessOf()', options, freshnessRules);
  const { silentFreshMs = dayMs, staleIfErrorMs = dayMs, targets = [] } = options;

  return function freshnessOf(request, response, times) {
    const { status } = response;
    if (!isCacheableStatus(status) || fieldText(response.headers, 'set-cookie') !== undefined) return undefined;
    if (variantOf(request, response) === undefined) return undefined;
    const targeted = targetedDirectives(response, targets);
    const directives = targeted ?? readCacheDirectives(response.headers);
    if (!isStorable(request, status, directives)) return undefined;

    const { noCache, mustRevalidate, proxyRevalidate, sharedMaxAgeSeconds } = directives;
    // RFC 9213 section 2.2: beside a targeted field, `Expires` does not count.
    const explicitMs = explicitLifetimeMs(directives, targeted ? {} : response.headers, times.respondedAt);
    if (explicitMs === undefined && !maySayNothing(request, status)) return undefined;
    const lifetimeMs = explicitMs ?? silentFreshMs;
    const initialAge = initialAgeMs(response, times);
    const freshUntil = times.respondedAt + lifetimeMs - initialAge;
    // RFC 9111 section 4.2.4: these directives forbid a stale response, even if RFC 5861 would allow it.
    const isNeverStale = noCache || mustRevalidate || proxyRevalidate || sharedMaxAgeSeconds !== undefined;
    const until = (allowedMs: number) => (isNeverStale ? freshUntil : freshUntil + allowedMs);
    const freshness: Freshness = {
      cachedAt: times.respondedAt,
      initialAgeMs: initialAge,
      freshUntil,
      whileRevalidatingUntil: until(msOf(directives.staleWhileRevalidateSeconds) ?? 0),
      ifErrorUntil: until(msOf(directives.staleIfErrorSeconds) ?? (hasPicture(status) ? staleIfErrorMs : 0)),
    };
    return isReusable(freshness, response) ? freshness : undefined;
  };
}

/**
 * The `Age` of a reused response (RFC 9111 section 5.1), in whole seconds. It replaces the `Age` that was received.
 *
 * @param now - epoch milliseconds; when the clock was set back, the age is at least the initial one
 * @example
 * const freshness = createFreshnessOf()({}, { status: 200, headers: {} }, { requestedAt: 0, respondedAt: 0 });
 * freshness && ageSecondsOf(freshness, 61_500); // 61
 */
export function ageSecondsOf({ initialAgeMs, cachedAt }: Freshness, now: number): number {
  return Math.min(Math.floor((initialAgeMs + Math.max(0, now - cachedAt)) / 1000), maxDeltaSeconds);
}

/**
 * The freshness lifetime that a response states for a shared cache, in milliseconds (RFC 9111 section 4.2.1);
 * `undefined` when it states none. `no-cache` makes it 0, because then every reuse needs a revalidation (section
 * 5.2.2.4).
 */
export function explicitLifetimeMs(
  directives: CacheDirectives,
  headers: ResponseHead['headers'],
  respondedAt: number,
): number | undefined {
  if (directives.noCache) return 0;
  const { sharedMaxAgeSeconds, maxAgeSeconds } = directives;
  return msOf(sharedMaxAgeSeconds ?? maxAgeSeconds ?? expiresInSeconds(headers, respondedAt));
}

/**
 * Whether a response without a lifetime may be stored. A handler that saw a cookie may have made the response for one
 * user, and may have forgotten to say so.
 */
function maySayNothing(request: ReceivedFields, status: number): boolean {
  return hasPicture(status) && fieldText(request, 'cookie') === undefined;
}

/** `Expires` minus `Date`; 0 when it is past or malformed (RFC 9111 section 5.3). */
function expiresInSeconds(headers: ResponseHead['headers'], respondedAt: number): number | undefined {
  const expires = fieldText(headers, 'expires');
  if (expires === undefined) return undefined;
  const inMs = (readHttpDate(expires, respondedAt) ?? 0) - madeAt({ headers }, respondedAt);
  return Math.min(Math.max(0, inMs / 1000), maxDeltaSeconds);
}

/** The age of the response when it was received, in milliseconds (RFC 9111 section 4.2.3). */
function initialAgeMs(response: ResponseHead, { requestedAt, respondedAt }: ResponseTimes): number {
  const apparentAge = respondedAt - madeAt(response, respondedAt);
  const delay = Math.max(0, respondedAt - requestedAt);
  return Math.min(Math.max(apparentAge, ageMs(response) + delay), maxDeltaSeconds * 1000);
}

/** The `Age` field, in milliseconds. The first member of a list counts; an invalid age is ignored (RFC 9111 section 5.1). */
function ageMs({ headers }: ResponseHead): number {
  const [, digits = '0'] = /^\s*(\d+)\s*(?:,|$)/.exec(fieldText(headers, 'age') ?? '') ?? [];
  return Number(digits) * 1000;
}

function msOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** A response that can be served neither fresh nor stale, and cannot be revalidated, would only take space. */
function isReusable({ cachedAt, whileRevalidatingUntil, ifErrorUntil }: Freshness, response: ResponseHead): boolean {
  return Math.max(whileRevalidatingUntil, ifErrorUntil) > cachedAt || revalidationHeaders(response) !== undefined;
}
