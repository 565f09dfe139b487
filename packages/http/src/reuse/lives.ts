import { checkOptions, finiteValue, type OptionRule, readHttpDate } from '@safelight/protocol';
import { type AnswerHead, fieldText, madeAt, type ReceivedFields } from './answer-head.ts';
import { type CacheDirectives, MOST_SECONDS, readCacheDirectives } from './cache-directives.ts';
import { revalidationHeaders } from './revalidation.ts';
import { isStorable } from './storable.ts';
import { variantOf } from './variant.ts';

/** Until when an answer may be reused; everything is epoch milliseconds, and over when it is reached. */
export interface Lives {
  /** When it came. */
  readonly keptAt: number;
  /** How old it was then, in milliseconds. */
  readonly initialAgeMs: number;
  /** Not after `keptAt` for an answer that must be revalidated every time. */
  readonly freshUntil: number;
  /** Stale, but good enough while a new one is being made. */
  readonly whileRevalidatingUntil: number;
  /** Stale, but better than the error that came instead of a new one. */
  readonly ifErrorUntil: number;
}

/** When a request was handed on, and when the status line of its answer came; epoch milliseconds. */
export interface AnswerTimes {
  readonly requestedAt: number;
  readonly respondedAt: number;
}

export interface LivesOptions {
  /**
   * How long an answer is fresh that says nothing of its life, in milliseconds. 0: revalidated every time.
   * @default 86_400_000 (24 h)
   */
  readonly silentFreshMs?: number;
  /**
   * How long a stale answer may stand in for an error of the handler, in milliseconds, when the answer neither says
   * that itself (`stale-if-error`) nor forbids it. 0: not at all. @default 86_400_000 (24 h)
   */
  readonly staleIfErrorMs?: number;
}

/** Says how long the answer to a GET may be reused; `undefined`: it must not be kept, or would be of no use. */
export type LivesOf = (request: ReceivedFields, answer: AnswerHead, times: AnswerTimes) => Lives | undefined;

const dayMs = 86_400_000;

const durationRule = finiteValue({ min: 0, unit: 'milliseconds' });

/** What `LivesOptions` must be. */
export const livesRules: Readonly<Record<keyof LivesOptions, OptionRule>> = {
  silentFreshMs: durationRule,
  staleIfErrorMs: durationRule,
};

/**
 * The rules of RFC 9111 for a shared cache in front of one's own handler.
 * @throws {RangeError} naming the option and what it may be
 */
export function createLivesOf(options: LivesOptions = {}): LivesOf {
  checkOptions<LivesOptions>('createLivesOf()', options, livesRules);
  const { silentFreshMs = dayMs, staleIfErrorMs = dayMs } = options;

  return function livesOf(request, answer, times) {
    // Media are served with 200. An error is the guard's to remember, a redirect costs nothing to make anew and often
    // leads to a signed URL that ends soon, and the other successes have no whole bytes to cut ranges from.
    if (answer.status !== 200 || fieldText(answer.headers, 'set-cookie') !== undefined) return undefined;
    if (variantOf(request, answer) === undefined) return undefined;
    const directives = readCacheDirectives(answer.headers);
    if (!isStorable(request, directives)) return undefined;

    const { noCache, mustRevalidate, proxyRevalidate, sharedMaxAgeSeconds } = directives;
    const lifetimeMs = msOf(maxAgeSeconds(directives, expiresInSeconds(answer, times.respondedAt))) ?? silentFreshMs;
    const initialAge = initialAgeMs(answer, times);
    const freshUntil = times.respondedAt + lifetimeMs - initialAge;
    // RFC 9111 section 4.2.4: these forbid a stale answer, whatever RFC 5861 would allow it.
    const isNeverStale = noCache || mustRevalidate || proxyRevalidate || sharedMaxAgeSeconds !== undefined;
    const until = (allowedMs: number) => (isNeverStale ? freshUntil : freshUntil + allowedMs);
    const lives: Lives = {
      keptAt: times.respondedAt,
      initialAgeMs: initialAge,
      freshUntil,
      whileRevalidatingUntil: until(msOf(directives.staleWhileRevalidateSeconds) ?? 0),
      ifErrorUntil: until(msOf(directives.staleIfErrorSeconds) ?? staleIfErrorMs),
    };
    return isOfUse(lives, answer) ? lives : undefined;
  };
}

/**
 * For the `Age` of an answer that is reused (RFC 9111 section 5.1): whole seconds that replace the kept answer's own.
 * @param now - epoch milliseconds; a clock that was set back makes nothing younger than it was when it came
 */
export function ageSecondsOf({ initialAgeMs, keptAt }: Lives, now: number): number {
  return Math.min(Math.floor((initialAgeMs + Math.max(0, now - keptAt)) / 1000), MOST_SECONDS);
}

/**
 * The freshness lifetime that a response states for a shared cache (RFC 9111 section 4.2.1); `undefined` when it states
 * none. `no-cache` makes it 0, because then every reuse needs a revalidation (section 5.2.2.4).
 */
function maxAgeSeconds(directives: CacheDirectives, expiresIn: number | undefined): number | undefined {
  return directives.noCache ? 0 : (directives.sharedMaxAgeSeconds ?? directives.maxAgeSeconds ?? expiresIn);
}

/** `Expires` minus `Date`; 0 when it is past or malformed (RFC 9111 section 5.3). */
function expiresInSeconds(answer: AnswerHead, respondedAt: number): number | undefined {
  const expires = fieldText(answer.headers, 'expires');
  if (expires === undefined) return undefined;
  const inMs = (readHttpDate(expires, respondedAt) ?? 0) - madeAt(answer, respondedAt);
  return Math.min(Math.max(0, inMs / 1000), MOST_SECONDS);
}

/** RFC 9111 section 4.2.3. */
function initialAgeMs(answer: AnswerHead, { requestedAt, respondedAt }: AnswerTimes): number {
  const apparentAge = respondedAt - madeAt(answer, respondedAt);
  const delay = Math.max(0, respondedAt - requestedAt);
  return Math.min(Math.max(apparentAge, ageMs(answer) + delay), MOST_SECONDS * 1000);
}

/** Of a list the first member counts, and what is no number says nothing (RFC 9111 section 5.1). */
function ageMs({ headers }: AnswerHead): number {
  const [, digits = '0'] = /^\s*(\d+)\s*(?:,|$)/.exec(fieldText(headers, 'age') ?? '') ?? [];
  return Number(digits) * 1000;
}

function msOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** What is never fresh, never stale and cannot be revalidated would only take room. */
function isOfUse({ keptAt, whileRevalidatingUntil, ifErrorUntil }: Lives, answer: AnswerHead): boolean {
  return Math.max(whileRevalidatingUntil, ifErrorUntil) > keptAt || revalidationHeaders(answer) !== undefined;
}
