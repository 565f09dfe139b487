import { type Decision, decide, type Failure, type Found } from '@safelight/core';
import type { FailureCode, Verdict } from '@safelight/protocol';
import type { DiagnosisFacts } from './diagnosis-facts.ts';

/** The conclusion from the facts. */
export interface Finding {
  readonly verdict: Verdict;
  /** The decision for a request now; `undefined` when the target of the URL is not known. */
  readonly decision: Decision | undefined;
  /** The failure that a request gets now. */
  readonly held: Failure | undefined;
  /** The newest failure that is still stored after the end of its window. */
  readonly last: Failure | undefined;
}

const verdictOfCode: Readonly<Partial<Record<FailureCode, Verdict>>> = {
  missing_original: 'missing_original',
  missing_version: 'stale_version',
  not_found: 'missing_original',
  gone: 'missing_original',
  invalid_original: 'damaged_original',
  forbidden: 'forbidden',
  unavailable_for_legal_reasons: 'forbidden',
  bad_signature: 'forbidden',
  payload_too_large: 'too_large',
  too_many_pixels: 'too_large',
  too_complex: 'too_large',
  uri_too_long: 'too_large',
  uri_refused: 'too_large',
  handler_failed: 'handler_failed',
  bad_gateway: 'handler_failed',
  unavailable: 'handler_failed',
  timed_out: 'handler_failed',
  pending: 'processing',
};

/** Decides as for a request now, and names the verdict. */
export function find(facts: DiagnosisFacts): Finding {
  const { found, now, original } = facts;
  const isAwaited = facts.isArriving === true && !original;
  // No request is known here, so the newest cached variant stands for all.
  const variant = found?.cached?.variants[0];
  const decision = found && decide(found, now, { isProbed: () => false, isAwaited, variant });
  const held = decision?.kind === 'hold' ? decision.failure : undefined;
  const last = decision?.kind === 'run' && !isAwaited ? newestFailure(found, original !== undefined) : undefined;
  return { verdict: verdictOf(facts, { decision, held, last }), decision, held, last };
}

/** @param isLookedUp - whether the original was looked up just now, so that a stored failure of it does not count */
function newestFailure(found: Found | undefined, isLookedUp: boolean): Failure | undefined {
  const ofOriginal = isLookedUp ? [] : [found?.absence, found?.missing_version];
  return [found?.permanent, found?.transient, ...ofOriginal]
    .filter((failure) => failure !== undefined)
    .sort((a, b) => b.failedAt - a.failedAt)[0];
}

function verdictOf(facts: DiagnosisFacts, { decision, held, last }: Omit<Finding, 'verdict'>): Verdict {
  const { refused, original, versionExists, isArriving, delivery } = facts;
  if (refused !== undefined) return verdictOfCode[refused.code] ?? 'bad_transformation';
  if (held !== undefined) {
    // The original exists although it is stored as missing: only the held error prevents a success.
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
  // The version exists, but a newer one has replaced it.
  const isOutdated = original && delivery?.version !== undefined && delivery.version !== original.version;
  return isOutdated ? 'stale_version' : 'ok';
}

function verdictOfFailure({ code }: Failure, { original }: DiagnosisFacts): Verdict {
  const verdict = verdictOfCode[code] ?? 'bad_transformation';
  // The original exists, so a 404 of the handler has another reason.
  return verdict === 'missing_original' && original ? 'handler_failed' : verdict;
}
