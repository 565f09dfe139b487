import type { Derivatives } from './derivatives.ts';
import type { Guard } from './guard-request.ts';
import type { Ledger } from './ledger.ts';
import type { LookUp } from './lookup.ts';
import type { Target, TargetKeys } from './target.ts';

/** Which targets were forgotten last. What a run from before has made is not recorded. */
export interface Forgotten {
  /** The number of forgotten targets so far. A run remembers the number at its start. */
  count(): number;
  /** @param scope - of the target's keys */
  add(scope: string): void;
  /** Whether a target was forgotten since the count was this number. */
  isSince(scope: string, count: number): boolean;
  /** Notes that a result of this scope is being recorded. */
  track(scope: string, recording: Promise<unknown>): void;
  /** Resolves when the results of this scope that are being recorded now are recorded, or removed again. */
  settled(scope: string): Promise<unknown>;
}

const maxRemembered = 1000;

export function createForgotten(): Forgotten {
  const counts = new Map<string, number>();
  const recordings = new Map<string, Set<Promise<unknown>>>();
  let count = 0;
  /** Beyond the bound, every run from before this number counts as forgotten. That costs one run each. */
  let allUntil = 0;
  return {
    count: () => count,
    add(scope) {
      count += 1;
      counts.delete(scope);
      counts.set(scope, count);
      if (counts.size <= maxRemembered) return;
      const [oldest] = counts;
      if (oldest === undefined) return;
      allUntil = oldest[1];
      counts.delete(oldest[0]);
    },
    track(scope, recording) {
      const ofScope = recordings.get(scope) ?? new Set();
      recordings.set(scope, ofScope.add(recording));
      const end = () => {
        ofScope.delete(recording);
        if (ofScope.size === 0) recordings.delete(scope);
      };
      recording.then(end, end);
    },
    settled: (scope) => Promise.allSettled(recordings.get(scope) ?? []),
    isSince: (scope, since) => count !== since && (since < allUntil || (counts.get(scope) ?? 0) > since),
  };
}

/**
 * Removes what is recorded for a target and for its original. Writes nothing if nothing is recorded, so an unknown target
 * costs one read.
 * @returns whether it is certain that nothing is left in the store
 */
type RemoveRecords = (keys: TargetKeys) => Promise<boolean>;

interface RemoveRecordsOptions {
  readonly ledger: Ledger;
  readonly lookUp: LookUp;
  readonly derivatives: Derivatives | undefined;
}

function createRemoveRecords({ ledger, lookUp, derivatives }: RemoveRecordsOptions): RemoveRecords {
  return async function removeRecords(keys) {
    const { absence, missing_version, records, cached, reachable } = await lookUp.read(keys);
    const recorded = { absence, missing_version, ...records, cached };
    let isConfirmed = reachable;
    for (const name of ['absence', 'missing_version', 'permanent', 'transient', 'cached'] as const) {
      const key = keys[name];
      if (key === undefined || recorded[name] === undefined) continue;
      if (!(await ledger.forget(key))) isConfirmed = false;
    }
    const own = cached?.variants.filter(({ place }) => place === derivatives?.place) ?? [];
    await Promise.all(own.map(({ name }) => derivatives?.remove(name)));
    return isConfirmed;
  };
}

export interface ForgettingTools {
  readonly forgotten: Forgotten;
  readonly removeRecords: RemoveRecords;
}

/**
 * Records a result, unless the target was forgotten since its run began. A target that was forgotten during the write
 * is removed again.
 * @returns `undefined` when nothing is recorded
 */
export function recordUnlessForgotten<R>(
  keys: TargetKeys,
  since: number,
  { forgotten, removeRecords }: ForgettingTools,
  record: () => Promise<R>,
): Promise<R | undefined> {
  async function recordAndCheck(): Promise<R | undefined> {
    if (forgotten.isSince(keys.scope, since)) return undefined;
    const recorded = await record();
    if (!forgotten.isSince(keys.scope, since)) return recorded;
    await removeRecords(keys);
    return undefined;
  }
  const recording = recordAndCheck();
  forgotten.track(keys.scope, recording);
  return recording;
}

export interface ForgettingOptions extends RemoveRecordsOptions {
  /** Lets the requests that wait for a run of this scope look up again. Later requests do not join the run. */
  readonly leaveRuns: (scope: string) => void;
  readonly keysOf: (target: Target) => TargetKeys;
  readonly changed: Guard['changed'];
}

/**
 * Creates the function `Guard.forget`, and what the recording of runs needs for it. When the store does not confirm that
 * nothing is left, the assets of the target count as changed, which is repeated until the store confirms it.
 */
export function createForgetting(options: ForgettingOptions): ForgettingTools & Pick<Guard, 'forget'> {
  const { leaveRuns, keysOf, changed } = options;
  const forgotten = createForgotten();
  const removeRecords = createRemoveRecords(options);
  return {
    forgotten,
    removeRecords,
    async forget(target) {
      const keys = keysOf(target);
      forgotten.add(keys.scope);
      leaveRuns(keys.scope);
      const isConfirmed = await removeRecords(keys);
      await forgotten.settled(keys.scope);
      if (isConfirmed) return;
      await Promise.all(target.assets.map((asset) => changed(asset)));
    },
  };
}
