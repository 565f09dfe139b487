import type { GuardRequest, Recall } from './guard-request.ts';
import type { Found } from './lookup.ts';
import type { Patience } from './pending-changes.ts';
import type { TargetKeys } from './target.ts';

/** Which stored variant suits a request. */
export interface VariantChoice {
  readonly select: Recall['select'];
  /** Names of stored variants whose bytes have turned out to be gone. */
  evicted: Set<string> | undefined;
}

/** A request on its way through the guard's steps. */
export interface Visit<T> extends VariantChoice {
  readonly keys: TargetKeys;
  /** `undefined` for a question about what is remembered: then nothing runs. */
  readonly task: GuardTask<T> | undefined;
  /** Set before the first run; a request that is answered from memory needs none. */
  patience: Patience | undefined;
  /** Set where the next round begins with this look-up and with the decision to run. */
  from: Found | undefined;
  /** How often the asset changed during the run, or the run was abandoned. */
  rounds: number;
  /** Which waiters share a run: all (`''`), those with the same key, or none (`undefined`). */
  sharing: string | undefined;
}

/** What every visit begins with, besides its keys: a question about what is remembered. */
export const newVisit: Omit<Visit<never>, 'keys'> = {
  select: undefined,
  task: undefined,
  patience: undefined,
  from: undefined,
  rounds: 0,
  sharing: '',
  evicted: undefined,
};

export type GuardTask<T> = Omit<GuardRequest<T>, 'target' | 'select'>;
