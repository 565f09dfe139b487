import type { ChaosSnapshot } from './chaos-contents.ts';
import { type ChaosCall, type ChaosMatch, matchesKey } from './chaos-rules.ts';
import type { ChaosState, LoggedCall } from './chaos-state.ts';

/** A call that waits until the test releases it. */
export interface ParkedCall {
  /** Resolves when the call has stopped. */
  readonly reached: Promise<ChaosCall>;
  /** Lets the call continue. If called before the call has stopped, the call does not stop. */
  release(): void;
}

/** A call that can be applied a second time. */
export interface RepeatedCall {
  /** Resolves when the call was applied or dropped. */
  readonly reached: Promise<void>;
  /** Applies the call once more, after `reached`. */
  again(): Promise<void>;
}

/**
 * A command acts on later calls. If several commands match one call, they act in the order in which they were given.
 */
export interface ChaosControl {
  /** All calls so far, in the order of arrival. */
  readonly calls: readonly LoggedCall[];
  /** Stops a call before it is applied, or after it was applied and before its reply. */
  park(match: ChaosMatch & { readonly when: 'before' | 'after' }): ParkedCall;
  /**
   * Drops a call: it never reaches the store. With `'true'` it acts like a server that confirms a write and then loses
   * it. A dropped `getMany` without `'reject'` finds no values.
   */
  drop(match: ChaosMatch & { readonly reply: 'reject' | 'false' | 'true' }): void;
  /** Applies a call and loses its reply: the call rejects. */
  loseReply(match: ChaosMatch): void;
  /**
   * Applies a call, and once more when the test says so, like a client that repeats a command after it got no reply.
   * With `drop`, the call is applied only when the test says so, like a write that arrives after the client has given
   * up.
   */
  applyTwice(match: ChaosMatch): RepeatedCall;
  /** Calls wait for `wait` before they are applied. @returns a function that ends the command */
  slow(match: ChaosMatch & { readonly wait: (call: ChaosCall) => Promise<void> }): () => void;
  /** From now on all calls reject, also the calls in progress. Calls that were already applied stay applied. */
  down(): void;
  /** Ends `down`. The contents are unchanged. */
  up(): void;
  /** Evicts the matching keys, like a full server. */
  forget(key: NonNullable<ChaosMatch['key']>): Promise<void>;
  /** Copies all values that were written through this store and still exist. */
  snapshot(): Promise<ChaosSnapshot>;
  /** Restores a copy, like a server that restarts from an old dump. Each key gets its whole TTL again. */
  restore(snapshot: ChaosSnapshot): Promise<void>;
  /** The commands that no call has matched yet. At the end of a test this list should be empty. */
  unmet(): readonly ChaosMatch[];
}

export function chaosControl(state: ChaosState): ChaosControl {
  const { rules, contents, calls } = state;
  return {
    calls,
    park({ when, ...match }) {
      const arrival = Promise.withResolvers<ChaosCall>();
      const departure = Promise.withResolvers<void>();
      const parked = (call: ChaosCall): Promise<void> => {
        arrival.resolve(call);
        return departure.promise;
      };
      rules.add(match, when === 'before' ? { before: parked } : { after: parked });
      return { reached: arrival.promise, release: departure.resolve };
    },
    drop: ({ reply, ...match }) => void rules.add(match, { dropped: true, reply }),
    loseReply: (match) => void rules.add(match, { reply: 'reject' }),
    applyTwice(match) {
      const first = Promise.withResolvers<() => Promise<void>>();
      rules.add(match, { repeatable: first.resolve });
      return { reached: first.promise.then(() => undefined), again: async () => (await first.promise)() };
    },
    slow: ({ wait, ...match }) => rules.add(match, { before: wait }),
    down: () => {
      state.down = true;
    },
    up: () => {
      state.down = false;
    },
    forget: (key) => contents.forget((candidate) => matchesKey(key, candidate)),
    snapshot: () => contents.snapshot(),
    restore: (snapshot) => contents.restore(snapshot),
    unmet: () => rules.unmet(),
  };
}
