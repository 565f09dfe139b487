/** The state of a call that may be repeated, as all processes see it. It is stored as JSON. */
export interface CallState {
  /** A digest of the call. */
  readonly fingerprint: string;
  /** 32 random hex digits, the same for each run of the call. They name what it publishes. */
  readonly seed: string;
  /** Until when a process has the call, in epoch milliseconds. A process that runs the call moves this time; 0: none runs it. */
  readonly heldUntil: number;
  /** When the call is forgotten, in epoch milliseconds. */
  readonly endsAt: number;
  /** Whether another call may have the key: no run has changed anything. */
  readonly isFree: boolean;
  /** The completed steps, which are not repeated. */
  readonly steps: object;
  /** The response of the run that succeeded. */
  readonly response?: unknown;
}

export type CallDecision =
  | { readonly kind: 'respond'; readonly response: unknown }
  /** The key belongs to another call. */
  | { readonly kind: 'refuse' }
  /** Another process runs the call. */
  | { readonly kind: 'wait' }
  | RunDecision;

export interface RunDecision extends Pick<CallState, 'seed' | 'steps'> {
  readonly kind: 'run';
  /** An earlier run has failed after a step, or its process has ended, so it may have changed something. */
  readonly isInherited: boolean;
}

/** Decides what a process does with a call. */
export function decideCall(
  known: CallState | undefined,
  fingerprint: string,
  { now, newSeed }: { readonly now: number; readonly newSeed: string },
): CallDecision {
  const isSame = known?.fingerprint === fingerprint;
  if (known === undefined || known.endsAt <= now || (known.isFree && !isSame)) {
    return { kind: 'run', seed: newSeed, steps: {}, isInherited: false };
  }
  if (!isSame) return { kind: 'refuse' };
  if (known.response !== undefined) return { kind: 'respond', response: known.response };
  if (known.heldUntil > now) return { kind: 'wait' };
  return { kind: 'run', seed: known.seed, steps: known.steps, isInherited: !known.isFree };
}

const schema = 1;

export function formatCallState(state: CallState): string {
  return JSON.stringify({ schema, ...state });
}

/** @returns `undefined` for no state, and for one of another release */
export function readCallState(text: string | undefined): CallState | undefined {
  const state = text === undefined ? undefined : (JSON.parse(text) as CallState & { readonly schema?: unknown });
  return state?.schema === schema ? state : undefined;
}
