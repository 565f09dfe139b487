import { type Failure, remainingMs } from './failure.ts';
import type { Found } from './lookup.ts';

export type Decision =
  | { readonly kind: 'hold'; readonly failure: Failure; readonly remainingMs: number }
  | { readonly kind: 'run' };

const run: Decision = { kind: 'run' };

/**
 * What to do with a request, given what is remembered. While a failure's window lasts it is held; after that one probe
 * runs, and for as long as it is under way everybody else goes on getting the held answer.
 * @param isProbed - whether a run is under way that began with this failure
 */
export function decide(found: Found, now: number, isProbed: (failure: Failure) => boolean): Decision {
  // What is missing for every derivation says more than what went wrong with one.
  const failures = [found.absence, found.missing_version, found.lasting, found.passing];
  let probed: Failure | undefined;
  for (const failure of failures) {
    if (failure === undefined) continue;
    if (now < failure.until) return { kind: 'hold', failure, remainingMs: remainingMs(failure, now) };
    if (probed === undefined && isProbed(failure)) probed = failure;
  }
  return probed === undefined ? run : { kind: 'hold', failure: probed, remainingMs: 0 };
}
