import type { AttemptContext } from './attempt-owner.ts';
import type { CachedVariant } from './cached-record.ts';
import { decide } from './decide.ts';
import type { Derivatives } from './derivatives.ts';
import { type Fault, remainingMs } from './failure.ts';
import { type ForgettingTools, recordUnlessForgotten } from './forget.ts';
import type { Found } from './lookup.ts';
import { type Failed, heldOutcome, type Outcome } from './outcome.ts';
import { type HeldFault, isHeld, type Recorder } from './record.ts';
import type { Attempt, RunEnd } from './run.ts';
import type { GuardTask, Visit } from './visit.ts';

/**
 * The result of a run, for all requests that waited for it.
 *
 * - `changed`: the asset changed during the run. The request starts again with a look-up.
 * - `abandoned`: the run ended without a result, because the client of the run has left, or because the run has
 *   waited for an upload. The request starts again with a look-up.
 * - `unusable`: the run of another request made a value that this request cannot use. The request runs again.
 */
export type RunResult<T> = (
  | Outcome<T>
  | { readonly kind: 'changed' }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'unusable' }
) & {
  /** Settles when the value was stored and recorded. The response does not wait for this promise. Never rejects. */
  readonly background?: Promise<void> | undefined;
};

/** The request and the attempt of the run to record. */
export interface RecordRunParts<T> {
  readonly task: GuardTask<T>;
  readonly context: AttemptContext;
  readonly attempt: Attempt;
}

export interface RecordRunTools extends ForgettingTools {
  readonly recorder: Recorder;
  readonly derivatives: Derivatives | undefined;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Records the result of a run under the marks that were read before the run. Returns a promise if the store has to be
 * read or written; the promise resolves after the write.
 */
export function recordRun<T>(
  end: RunEnd<T>,
  parts: RecordRunParts<T>,
  tools: RecordRunTools,
): RunResult<T> | Promise<RunResult<T>> {
  if (end.kind === 'abandoned') return end;
  if (end.kind === 'fault') return recordFault(end.fault, end.error, parts.context, tools);
  const { task, context } = parts;
  const isChecked = task.checksSuccess || context.found.hasFailure;
  const endsLadders = isChecked && (task.isSuccess === undefined || task.isSuccess(end.value));
  if (!endsLadders) return storeMade(end, true, parts, tools);
  const checking = tools.recorder.success(context.keys, context.found);
  return checking.then((isUnchanged) => storeMade(end, isUnchanged, parts, tools));
}

/** @param isUnchanged - whether the assets still have the marks that were read before the run */
function storeMade<T>(
  { value, tookMs }: Extract<RunEnd<T>, { kind: 'made' }>,
  isUnchanged: boolean,
  { task, context, attempt }: RecordRunParts<T>,
  tools: RecordRunTools,
): RunResult<T> {
  const { reachable, isPending } = context.found;
  const storable = isUnchanged && reachable && !isPending && context.stamp !== undefined;
  const storing = storable ? task.storeValue?.(value, attempt) : undefined;
  const background = storing === undefined ? undefined : recordDerivative(storing, context, tools);
  return { kind: 'made', value, joined: false, storable, tookMs, background };
}

async function recordFault<T>(
  fault: Fault,
  error: unknown,
  { keys, found, stamp, startedAt, forgottenBefore, lease, ofOriginal }: AttemptContext,
  tools: RecordRunTools,
): Promise<RunResult<T>> {
  const endedAt = tools.clock();
  const record = () => tools.recorder.failure(keys, found, fault as HeldFault, { startedAt, endedAt, lease });
  const isRecorded = isHeld(fault) && stamp !== undefined;
  const isKnown = ofOriginal !== undefined && ofOriginal.class === fault.class;
  const failure = isKnown
    ? ofOriginal
    : isRecorded
      ? await recordUnlessForgotten(keys, forgottenBefore, tools, record)
      : undefined;
  if (failure === 'changed') return { kind: 'changed' };
  const failed: Failed = { kind: 'failed', source: 'run', fault, failure, remainingMs: 0, storable: false, error };
  if (failure === undefined) return failed;
  return { ...failed, fault: failure, remainingMs: remainingMs(failure, endedAt), storable: found.reachable };
}

/** Records a derivative when its bytes are stored. Never rejects, because no request waits for the promise. */
async function recordDerivative(
  storing: Promise<CachedVariant | undefined>,
  { keys, found, forgottenBefore, lease }: AttemptContext,
  tools: RecordRunTools,
): Promise<void> {
  const { recorder, derivatives, onError } = tools;
  try {
    const variant = await storing;
    if (variant === undefined) return;
    const record = () => recorder.derivative(keys, found, variant, lease).then(() => true);
    const isRecorded = await recordUnlessForgotten(keys, forgottenBefore, tools, record);
    if (isRecorded !== true) await derivatives?.remove(variant.name);
  } catch (error) {
    onError(error);
  }
}

/**
 * The result of a shared run for one of the requests that joined the run. If the request cannot use the value, this
 * function sets `visit.sharing` and `visit.from` for the next run.
 */
export function joinedResult<T>(
  result: RunResult<T>,
  task: GuardTask<T>,
  visit: Visit<T>,
  { found, isAwaited }: { readonly found: Found; readonly isAwaited: boolean },
): RunResult<T> {
  if (result.kind === 'made') {
    if (task.take(result.value)) return { ...result, joined: true };
    visit.sharing = visit.sharing === '' ? groupKey(task.shareKey?.(result.value)) : undefined;
    visit.from = found;
    return { kind: 'unusable' };
  }
  if (result.kind !== 'failed' || result.source !== 'run') return result;
  const { vary } = result.fault;
  if (vary !== undefined && visit.matches?.(vary) === false) {
    visit.sharing = undefined;
    visit.from = found;
    return { kind: 'unusable' };
  }
  // The request that began the run has waited for the upload as long as it may. This request came later, so it may
  // still wait.
  return result.fault.code === 'pending' && isAwaited ? { kind: 'abandoned' } : { ...result, source: 'joined' };
}

/** The space distinguishes the key `''` from `visit.sharing === ''`, which shares with all requests. */
function groupKey(key: string | undefined): string | undefined {
  return key === undefined ? undefined : ` ${key}`;
}

/**
 * Decides again, right before a run. Other runs may have written records since the first decision.
 * @returns the result that makes the run unnecessary; `undefined` when the run must begin
 */
export function decideAgain(
  { found, stamp, stale, isArriving }: AttemptContext,
  now: number,
): RunResult<never> | undefined {
  if (stamp !== undefined && found.stamp !== stamp) return { kind: 'changed' };
  const decision = decide(found, now, { isProbed: () => false, isAwaited: isArriving, variant: stale });
  if (decision.kind === 'hold') return heldOutcome(decision, found.reachable);
  // Another run has stored a derivative or recorded a failure since the first look-up. The next look-up finds that
  // record.
  const isServable = decision.kind === 'serve' && decision.state !== 'refreshed' && stamp !== undefined;
  return isServable ? { kind: 'changed' } : undefined;
}
