import type { AttemptFacts } from './attempt-owner.ts';
import type { CachedVariant } from './cached-record.ts';
import { decide } from './decide.ts';
import { type Fault, remainingMs } from './failure.ts';
import type { Found } from './lookup.ts';
import { type Failed, heldOutcome, type Outcome } from './outcome.ts';
import { isHeld, type Recorder } from './record.ts';
import type { Attempt, RunEnd } from './run.ts';
import type { GuardTask, Visit } from './visit.ts';

/**
 * The result of a run, for all requests that waited for it. `moved`: the asset changed during the run. `abandoned`: the
 * run used a client's connection, and that client has left. After both, everything is looked up again. `apart`: this
 * request cannot use the value, so it runs separately.
 */
export type RunResult<T> = (
  | Outcome<T>
  | { readonly kind: 'moved' }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'apart' }
) & {
  /** Work that goes on after the response of a run that made a value; it does not reject. */
  readonly behind?: Promise<void> | undefined;
};

export interface RecordRunParts<T> {
  readonly task: GuardTask<T>;
  readonly facts: AttemptFacts;
  readonly attempt: Attempt;
}

export interface RecordRunTools {
  readonly recorder: Recorder;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Records the result of a run, under the generation that was read before it. If it returns a promise, that resolves
 * when the record is confirmed.
 */
export function recordRun<T>(
  end: RunEnd<T>,
  parts: RecordRunParts<T>,
  tools: RecordRunTools,
): RunResult<T> | Promise<RunResult<T>> {
  if (end.kind === 'abandoned') return end;
  if (end.kind === 'fault') return recordFault(end.fault, end.error, parts.facts, tools);
  const { task, facts } = parts;
  const isChecked = task.checksSuccess || facts.found.hasFailure;
  const ends = isChecked && (task.isSuccess === undefined || task.isSuccess(end.value));
  if (!ends) return storeMade(end, true, parts, tools);
  return tools.recorder.success(facts.keys, facts.found).then((stands) => storeMade(end, stands, parts, tools));
}

/** @param stands - whether the marks that were read before the run still stand */
function storeMade<T>(
  { value, tookMs }: Extract<RunEnd<T>, { kind: 'made' }>,
  stands: boolean,
  { task, facts, attempt }: RecordRunParts<T>,
  tools: RecordRunTools,
): RunResult<T> {
  const storable = stands && facts.found.reachable && facts.stamp !== undefined;
  const storing = storable ? task.storeValue?.(value, attempt) : undefined;
  const behind = storing === undefined ? undefined : recordStored(storing, facts, tools);
  return { kind: 'made', value, joined: false, storable, tookMs, behind };
}

async function recordFault<T>(
  fault: Fault,
  error: unknown,
  { keys, found, stamp, startedAt }: AttemptFacts,
  { recorder, clock }: RecordRunTools,
): Promise<RunResult<T>> {
  const endedAt = clock();
  const isRecorded = isHeld(fault) && stamp !== undefined;
  const failure = isRecorded ? await recorder.failure(keys, found, fault, { startedAt, endedAt }) : undefined;
  if (failure === 'moved') return { kind: 'moved' };
  const failed: Failed = { kind: 'failed', source: 'run', fault, failure, remainingMs: 0, storable: false, error };
  if (failure === undefined) return failed;
  return { ...failed, fault: failure, remainingMs: remainingMs(failure, endedAt), storable: found.reachable };
}

/** Never rejects: the response is on its way. */
async function recordStored(
  storing: Promise<CachedVariant | undefined>,
  { keys, found }: AttemptFacts,
  { recorder, onError }: RecordRunTools,
): Promise<void> {
  try {
    const variant = await storing;
    if (variant !== undefined) await recorder.cached(keys, found, variant);
  } catch (error) {
    onError(error);
  }
}

/** The outcome of a shared run for one of the requests that waited for it. */
export function joinedResult<T>(
  result: RunResult<T>,
  task: GuardTask<T>,
  visit: Visit<T>,
  { found, isAwaited }: { readonly found: Found; readonly isAwaited: boolean },
): RunResult<T> {
  if (result.kind === 'made') {
    if (task.take(result.value)) return { ...result, joined: true };
    visit.sharing = visit.sharing === '' ? apartKey(task.shareKey?.(result.value)) : undefined;
    visit.from = found;
    return { kind: 'apart' };
  }
  if (result.kind !== 'failed' || result.source !== 'run') return result;
  // The run has waited for an upload for as long as its own request may; this request came later.
  return result.fault.code === 'pending' && isAwaited ? { kind: 'abandoned' } : { ...result, source: 'joined' };
}

function apartKey(key: string | undefined): string | undefined {
  return key === undefined ? undefined : ` ${key}`;
}

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
