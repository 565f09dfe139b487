export interface IdempotentCall {
  /** The key with the identity of its sender. `undefined`: the call is not remembered. */
  readonly key: string | undefined;
  /** A digest of the call. The same key with another fingerprint is refused. */
  readonly fingerprint: string;
}

/** A call that is remembered. */
export interface NamedCall extends IdempotentCall {
  readonly key: string;
}

/** One run of a call. */
export interface CallRun<Progress> {
  /** The completed steps of all runs, which are not done again. */
  readonly progress: Partial<Progress>;
  /** 32 random hex digits, the same for each run. `undefined`: other processes do not know the call. */
  readonly seed: string | undefined;
  /** Stores `progress`, so that a run of another process has it. Never rejects. */
  note(): Promise<void>;
}
