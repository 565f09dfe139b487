import type { AttemptFacts } from './attempt-owner.ts';
import { decide } from './decide.ts';
import { heldOutcome } from './outcome.ts';
import type { RunResult } from './record-run.ts';

/**
 * Decides before a run begins, by what was recorded since the request decided.
 * @returns what makes the run unnecessary; `undefined` when it must begin
 */
export function decideAgain(
  { found, stamp, stale, isArriving }: AttemptFacts,
  now: number,
): RunResult<never> | undefined {
  if (stamp !== undefined && found.stamp !== stamp) return { kind: 'moved' };
  const decision = decide(found, now, { isProbed: () => false, isAwaited: isArriving, variant: stale });
  if (decision.kind === 'hold') return heldOutcome(decision, found.reachable);
  // Another run has stored it, or has failed, since it was looked up: the next look-up finds that.
  const isKnown = decision.kind === 'serve' && decision.state !== 'refreshed' && stamp !== undefined;
  return isKnown ? { kind: 'moved' } : undefined;
}
