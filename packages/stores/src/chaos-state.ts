import type { ChaosContents } from './chaos-contents.ts';
import type { ChaosCall, ChaosRules } from './chaos-rules.ts';

/** How a call has settled: `'resolved false'` for a write without confirmation. `'pending'` until it settles. */
export type ChaosOutcome = 'pending' | 'resolved' | 'resolved false' | 'rejected';

/** A call in the log. */
export interface LoggedCall extends ChaosCall {
  readonly outcome: ChaosOutcome;
  /** How often the call was applied to the wrapped store. */
  readonly applied: number;
}

/** An entry of the log, which changes until its call has settled. */
export type OpenLogEntry = { -readonly [Name in keyof LoggedCall]: LoggedCall[Name] };

/** The state of a chaos store. */
export interface ChaosState {
  readonly rules: ChaosRules;
  readonly contents: ChaosContents;
  readonly calls: OpenLogEntry[];
  down: boolean;
}
