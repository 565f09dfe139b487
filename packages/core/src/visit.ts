import type { GuardRequest, Recall } from './guard-request.ts';
import type { Found } from './lookup.ts';
import type { Patience } from './pending-changes.ts';
import type { TargetKeys } from './target.ts';

/** Selects the cached variant for a request. */
export interface VariantChoice {
  readonly matches: Recall['matches'];
  /** Names of the variants that this request has found evicted. */
  evicted: Set<string> | undefined;
}

/** The state of one request while it goes through the steps of the guard. */
export interface Visit<T> extends VariantChoice {
  readonly keys: TargetKeys;
  /** `undefined` for `recall`: then nothing runs. */
  readonly task: GuardTask<T> | undefined;
  /** Set before the first run. A request that needs no run has none. */
  patience: Patience | undefined;
  /** If defined, the next round uses this look-up and runs, without a new look-up and decision. */
  from: Found | undefined;
  /** How often the guard has started again, because the asset changed during the run or the run was abandoned. */
  rounds: number;
  /** The requests that may share a run: all (`''`), those with the same text, or none (`undefined`). */
  sharing: string | undefined;
}

/** The initial state without the keys. Without a `task` it is that of a `recall`. */
export const newVisit: Omit<Visit<never>, 'keys'> = {
  matches: undefined,
  task: undefined,
  patience: undefined,
  from: undefined,
  rounds: 0,
  sharing: '',
  evicted: undefined,
};

/** The members of a request that describe its run. */
export type GuardTask<T> = Omit<GuardRequest<T>, 'target' | 'matches'>;
