import { createAnnouncements } from './announcements.ts';
import { createArrivals } from './arrivals.ts';
import { type AttemptContext, createAttemptOwner, type Search } from './attempt-owner.ts';
import { createForgetting } from './forget.ts';
import type { Guard } from './guard-request.ts';
import { createLookUp, type LookUp } from './lookup.ts';
import type { GuardSettings } from './options.ts';
import type { Outcome } from './outcome.ts';
import { createRecorder } from './record.ts';
import type { RecordRunTools, RunResult } from './record-run.ts';
import { createRenewal } from './renew.ts';
import type { AttemptOwner } from './run.ts';
import { createRunLeases, type RunLeases } from './run-leases.ts';
import { createServing, type Serving } from './serve.ts';
import { createSharedRuns, type SharedRuns } from './shared-runs.ts';
import { createKeyMemo, type Target, type TargetKeys } from './target.ts';

/** The parts of a guard, which its steps use. */
export interface GuardParts extends Pick<Guard, 'changed' | 'forget' | 'announce'> {
  readonly keysOf: (target: Target) => TargetKeys;
  readonly lookUp: LookUp;
  readonly serving: Serving;
  readonly runs: SharedRuns<RunResult<unknown>>;
  readonly leases: RunLeases;
  readonly recording: RecordRunTools;
  readonly owner: AttemptOwner<AttemptContext>;
}

/** @param search - takes the steps of the guard for a search of an original */
export function createGuardParts(
  settings: GuardSettings,
  search: <O>(search: Search<O>) => Outcome<O> | Promise<Outcome<O>>,
): GuardParts {
  const keysOf = createKeyMemo();
  const lookUp = createLookUp(settings);
  const serving = createServing(settings);
  const runs = createSharedRuns<RunResult<unknown>>(settings);
  const leases = createRunLeases({ ...settings, lookUp, select: serving.select });
  const arrivals = createArrivals(settings);
  const recorder = createRecorder({ ...settings, lookUp });
  const onRenewed = (key: string, mark: string) => runs.release(key, mark, { kind: 'changed' });
  const announcements = createAnnouncements(settings);
  const changed = createRenewal({ ...settings, announcements, onRenewed });
  const leaveRuns = (scope: string) => runs.forget(scope, { kind: 'changed' });
  const { forget, ...forgetting } = createForgetting({ ...settings, lookUp, leaveRuns, keysOf, changed });
  const recording = { ...settings, ...forgetting, recorder };
  const owner = createAttemptOwner({ ...recording, arrivals, search });
  return { keysOf, lookUp, serving, runs, leases, recording, owner, changed, forget, announce: announcements.begin };
}
