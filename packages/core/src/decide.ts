import type { CachedVariant } from './cached-record.ts';
import { type Failure, remainingMs } from './failure.ts';
import type { Found } from './lookup.ts';

export type Decision =
  | {
      readonly kind: 'serve';
      readonly variant: CachedVariant;
      /** `refreshed`: stale, to be made again after the response; `failed`: stale, because making it again failed. */
      readonly state: 'fresh' | 'refreshed' | 'failed';
    }
  | { readonly kind: 'hold'; readonly failure: Failure; readonly remainingMs: number }
  | { readonly kind: 'run' };

export interface DecideContext {
  /** Whether a run is under way that began with this failure. */
  readonly isProbed: (failure: Failure) => boolean;
  /** Whether the original is arriving right now: then an earlier failure that says "missing" does not count. */
  readonly isAwaited?: boolean;
  /** The one of the kept variants that suits the request. */
  readonly variant?: CachedVariant | undefined;
}

export const runDecision: Decision = { kind: 'run' };

/**
 * What to do with a request, given what is remembered. A fresh derivative is served first. A failure is held until
 * its window ends. After that one request runs as a probe, and the other requests get the held failure until the probe
 * has ended. A stale derivative is served instead of a failure that passes by itself.
 */
export function decide(found: Found, now: number, { isProbed, isAwaited, variant }: DecideContext): Decision {
  if (variant !== undefined && isFresh(variant, now)) return { kind: 'serve', variant, state: 'fresh' };
  const failure = heldFailure(found, now, isProbed, isAwaited === true);
  if (variant !== undefined && isWithin(variant.whileRevalidatingUntil, now) && !isFinal(failure)) {
    return { kind: 'serve', variant, state: failure === undefined ? 'refreshed' : 'failed' };
  }
  if (failure === undefined) return runDecision;
  const standIn = variantInsteadOf(failure, variant, now);
  if (standIn !== undefined) return { kind: 'serve', variant: standIn, state: 'failed' };
  return { kind: 'hold', failure, remainingMs: remainingMs(failure, now) };
}

/** The kept variant, if it may be served although it is stale, because something failed that passes by itself. */
export function variantInsteadOf(
  { class: held }: Pick<Failure, 'class'> | { readonly class: 'never' },
  variant: CachedVariant | undefined,
  now: number,
): CachedVariant | undefined {
  // 404 and 403 are authoritative, so no stale copy is served (RFC 5861 section 4 lists 500, 502, 503 and 504).
  return held === 'transient' && isWithin(variant?.ifErrorUntil, now) ? variant : undefined;
}

function heldFailure(
  found: Found,
  now: number,
  isProbed: (failure: Failure) => boolean,
  isAwaited: boolean,
): Failure | undefined {
  const { absence, missing_version, permanent, transient } = found;
  // A failure that holds for every derivation is more exact than the failure of one.
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

function isFinal(failure: Failure | undefined): boolean {
  return failure !== undefined && failure.class !== 'transient';
}

function isWithin(until: number | undefined, now: number): boolean {
  return until !== undefined && now < until;
}
