import { type Decision, decide, type Failure, type Found } from '@safelight/core';
import type { FailureCode, Verdict } from '@safelight/protocol';
import type { DiagnosisFacts } from './diagnosis-facts.ts';

/** What the facts come down to. */
export interface Finding {
  readonly verdict: Verdict;
  /** What a request would be answered with; `undefined` when it is not known what the URL stands for. */
  readonly decision: Decision | undefined;
  /** The failure that answers now. */
  readonly held: Failure | undefined;
  /** The newest failure that is remembered although its window has ended. */
  readonly last: Failure | undefined;
}

const verdictOfCode: Readonly<Partial<Record<FailureCode, Verdict>>> = {
  missing_original: 'missing_original',
  missing_version: 'stale_version',
  not_found: 'missing_original',
  gone: 'missing_original',
  forbidden: 'forbidden',
  unavailable_for_legal_reasons: 'forbidden',
  bad_signature: 'forbidden',
  payload_too_large: 'too_large',
  too_many_pixels: 'too_large',
  uri_too_long: 'too_large',
  uri_refused: 'too_large',
  handler_failed: 'handler_failed',
  bad_gateway: 'handler_failed',
  unavailable: 'handler_failed',
  timed_out: 'handler_failed',
  pending: 'processing',
};

export function find(facts: DiagnosisFacts): Finding {
  const { found, now, original } = facts;
  const isAwaited = facts.isArriving === true && !original;
  // If the newest of what is kept suits the request.
  const variant = found?.kept?.variants[0];
  const decision = found && decide(found, now, { isProbed: () => false, isAwaited, variant });
  const held = decision?.kind === 'hold' ? decision.failure : undefined;
  const last = decision?.kind === 'run' && !isAwaited ? newestFailure(found, original !== undefined) : undefined;
  return { verdict: verdictOf(facts, { decision, held, last }), decision, held, last };
}

/** @param isLookedUp whether there is an original is known better than by what was remembered of it */
function newestFailure(found: Found | undefined, isLookedUp: boolean): Failure | undefined {
  const ofOriginal = isLookedUp ? [] : [found?.absence, found?.missing_version];
  return [found?.lasting, found?.passing, ...ofOriginal]
    .filter((failure) => failure !== undefined)
    .sort((a, b) => b.failedAt - a.failedAt)[0];
}

function verdictOf(facts: DiagnosisFacts, { decision, held, last }: Omit<Finding, 'verdict'>): Verdict {
  const { refused, original, versionExists, isArriving, delivery } = facts;
  if (refused !== undefined) return verdictOfCode[refused.code] ?? 'bad_transformation';
  if (held !== undefined) {
    // The original is there although it is remembered as missing: only the remembered error is in the way.
    if (held.class === 'absence' && original) return 'cached_error';
    if (held.class === 'missing_version' && versionExists === true) return 'cached_error';
    return verdictOfFailure(held, facts);
  }
  if (decision?.kind !== 'serve') {
    if (isArriving === true && !original) return 'processing';
    if (original === null) return 'missing_original';
    if (versionExists === false) return 'stale_version';
    if (last !== undefined) return verdictOfFailure(last, facts);
    if (delivery === undefined || decision === undefined) return 'unknown';
  }
  // It is there, and goes on showing what has been replaced since.
  const isOutdated = original && delivery?.version !== undefined && delivery.version !== original.version;
  return isOutdated ? 'stale_version' : 'ok';
}

function verdictOfFailure({ code }: Failure, { original }: DiagnosisFacts): Verdict {
  const verdict = verdictOfCode[code] ?? 'bad_transformation';
  // A handler that answers 404 has not found something else.
  return verdict === 'missing_original' && original ? 'handler_failed' : verdict;
}
