/** The state of a call, as it was read. */
export interface RememberedCall {
  /** The number of the state; 0: the call is not known. Each `replace` increases it by one. */
  readonly revision: number;
  /** What `replace` has stored. `undefined` when the call is not known, or its time is over. */
  readonly state: string | undefined;
}

/** The next state of a call, for `RememberedCalls.replace`. */
export interface NextCallState {
  /** A text of the caller, with at most 1 MiB. It is stored as it is, so it must not have secrets. */
  readonly state: string;
  /** When the call may be forgotten, in epoch milliseconds. */
  readonly endsAt: number;
}

/**
 * Remembers calls that may be repeated, for all processes: what a call has done so far, and its response. The meaning of the
 * state is a matter of the caller. The storage only makes sure that of several processes that replace the same state, one
 * succeeds.
 */
export interface RememberedCalls {
  /**
   * @param key - a SHA-256 of the call's name, in lower-case hex
   * @throws when this cannot be determined
   */
  read(key: string): Promise<RememberedCall>;
  /**
   * Replaces a state, durably, if it is still the one with this revision. The number of calls is bounded: those that end
   * first are removed first.
   *
   * @param revision - what `read` or `replace` has returned; 0 for a call that is not known
   * @returns the next revision; `undefined` when another process was faster: nothing has changed then
   */
  replace(key: string, revision: number, next: NextCallState): Promise<number | undefined>;
}
