import type { CachedVariant } from './cached-record.ts';
import { type Failure, remainingMs } from './failure.ts';
import type { Found } from './lookup.ts';

/** The decision about a request: serve a cached derivative, respond with a held failure, or run. */
export type Decision =
  | {
      readonly kind: 'serve';
      readonly variant: CachedVariant;
      /**
       * `refreshed`: the variant is stale, and a run must make the derivative again after the response. `failed`: the
       * variant is stale, and the failure of the last run is held.
       */
      readonly state: 'fresh' | 'refreshed' | 'failed';
    }
  | { readonly kind: 'hold'; readonly failure: Failure; readonly remainingMs: number }
  | { readonly kind: 'run' };

export interface DecideContext {
  /** Whether a run in progress tries this failure again. */
  readonly isProbed: (failure: Failure) => boolean;
  /** Whether the original is being uploaded now. Then a failure is ignored if it says that the original is missing. */
  readonly isAwaited?: boolean;
  /** The cached variant for the request. */
  readonly variant?: CachedVariant | undefined;
}

export const runDecision: Decision = { kind: 'run' };

/**
 * Decides about a request by the records of its target. Pure:
 *
 * 1. A fresh derivative is served.
 * 2. A failure is held until its window ends. After that, one request runs as a probe. Until the probe has ended, the
 *    other requests still get the failure.
 * 3. A stale derivative is served while a run makes the derivative again (RFC 5861 section 3), or instead of a
 *    transient failure (section 4). `whileRevalidatingUntil` and `ifErrorUntil` of the variant limit the time.
 *
 * @param now - epoch milliseconds
 * @example
 * import { memoryStore } from '@safelight/stores';
 *
 * const guard = createGuard({ store: memoryStore() });
 * const found = await guard.inspect({ assets: ['cat'], derivation: 'w_300', version: undefined });
 * const decision = decide(found, Date.now(), { isProbed: () => false });
 * decision.kind; // 'run', if nothing is recorded
 */
export function decide(found: Found, now: number, { isProbed, isAwaited, variant }: DecideContext): Decision {
  if (variant !== undefined && isFresh(variant, now)) return { kind: 'serve', variant, state: 'fresh' };
  const failure = heldFailure(found, now, isProbed, isAwaited === true);
  if (variant !== undefined && isWithin(variant.whileRevalidatingUntil, now) && !isAuthoritative(failure)) {
    return { kind: 'serve', variant, state: failure === undefined ? 'refreshed' : 'failed' };
  }
  if (failure === undefined) return runDecision;
  const stale = variantInsteadOf(failure, variant, now);
  if (stale !== undefined) return { kind: 'serve', variant: stale, state: 'failed' };
  return { kind: 'hold', failure, remainingMs: remainingMs(failure, now) };
}

/** The stale variant, if it may be served instead of this failure (RFC 5861 section 4). */
export function variantInsteadOf(
  { class: failureClass }: Pick<Failure, 'class'> | { readonly class: 'never' },
  variant: CachedVariant | undefined,
  now: number,
): CachedVariant | undefined {
  // 404 and 403 are authoritative, so no stale derivative is served (section 4 lists 500, 502, 503 and 504).
  return failureClass === 'transient' && isWithin(variant?.ifErrorUntil, now) ? variant : undefined;
}

function heldFailure(
  found: Found,
  now: number,
  isProbed: (failure: Failure) => boolean,
  isAwaited: boolean,
): Failure | undefined {
  const { absence, missing_version, permanent, transient } = found;
  // A failure of the whole asset comes before the failure of one derivation.
  const failures = isAwaited ? [permanent, transient] : [absence, missing_version, permanent, transient];
  let probed: Failure | undefined;
  for (const failure of failures) {
    if (failure === undefined) continue;
    if (now < failure.until) return failure;
    if (probed === undefined && isProbed(failure)) probed = failure;
  }
  return probed;
}

function isFresh({ freshUntil }: CachedVariant, now: number): boolean {
  return freshUntil === undefined || now < freshUntil;
}

function isAuthoritative(failure: Failure | undefined): boolean {
  return failure !== undefined && failure.class !== 'transient';
}

function isWithin(until: number | undefined, now: number): boolean {
  return until !== undefined && now < until;
}
