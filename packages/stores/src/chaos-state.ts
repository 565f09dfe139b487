import type { ChaosContents } from './chaos-contents.ts';
import type { ChaosCall, ChaosRules } from './chaos-rules.ts';

/** How a call went; `'under way'` until its answer has left. */
export type ChaosOutcome = 'under way' | 'answered' | 'answered false' | 'rejected';

export interface LoggedCall extends ChaosCall {
  readonly outcome: ChaosOutcome;
  /** How often it has reached the store behind. */
  readonly applied: number;
}

export type OpenLogEntry = { -readonly [Name in keyof LoggedCall]: LoggedCall[Name] };

/** What is true of the store beyond single calls. */
export interface ChaosState {
  readonly rules: ChaosRules;
  readonly contents: ChaosContents;
  readonly calls: OpenLogEntry[];
  down: boolean;
}
