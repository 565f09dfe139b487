import type { Arrival } from './arrival.ts';
import type { AnswerSettings } from './asset-answer.ts';
import type { Identity } from './authenticate.ts';
import type { Fields } from './fields.ts';
import type { ReceivedFile } from './submission.ts';

/** One authenticated call. */
export interface Call {
  readonly fields: Fields;
  readonly file: ReceivedFile | undefined;
  readonly identity: Identity;
  readonly settings: AnswerSettings;
  readonly arrival: Arrival;
  /** Stands in for an `Idempotency-Key`: of an upload in parts, which is repeated part by part. */
  readonly uploadKey?: string;
}
