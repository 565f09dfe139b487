import type { Decision } from './decide.ts';
import type { KeptBytes } from './derivatives.ts';
import type { Failure, Fault } from './failure.ts';
import type { KeptVariant } from './kept-record.ts';

/** How a request ended. */
export type Outcome<T> =
  | {
      /** From what is kept; whoever answers with it releases the bytes. */
      readonly kind: 'kept';
      readonly kept: KeptBytes;
      readonly variant: KeptVariant;
      /** `refreshed`: stale, being made anew behind the answer; `failed`: stale, because making it anew failed. */
      readonly state: 'fresh' | 'refreshed' | 'failed';
    }
  | {
      readonly kind: 'made';
      readonly value: T;
      /** Whether this request's own run made it, or one that it waited for. */
      readonly joined: boolean;
      /** `false` when the asset changed meanwhile, or the store cannot be reached: no cache may keep this answer. */
      readonly storable: boolean;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly fault: Fault;
      /** The remembered failure; `undefined` when this fault is never held or could not be recorded. */
      readonly failure: Failure | undefined;
      /** `held`: answered from memory; `run`: found by this request; `joined`: by one that it waited for. */
      readonly source: 'held' | 'run' | 'joined';
      /** Rest of the window, milliseconds. */
      readonly remainingMs: number;
      readonly storable: boolean;
      /** What the handler threw, for logs; never for clients. */
      readonly error?: unknown;
    }
  /** Too many requests wait for the same run, or it could not be decided in time; says nothing of the picture. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /** Whoever asked has left before it was decided; there is nobody to answer. */
  | { readonly kind: 'left' };

type Failed = Extract<Outcome<never>, { kind: 'failed' }>;

/** What a held failure comes to. */
export function heldOutcome(
  { failure, remainingMs: rest }: Extract<Decision, { kind: 'hold' }>,
  storable: boolean,
): Failed {
  return failedOutcome('held', failure, { remainingMs: rest, storable });
}

export function failedOutcome(
  source: 'held' | 'run',
  failure: Failure,
  rest: Pick<Failed, 'remainingMs' | 'storable' | 'error'>,
): Failed {
  return { kind: 'failed', source, fault: failure, failure, ...rest };
}
