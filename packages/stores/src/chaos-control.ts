import type { ChaosSnapshot } from './chaos-contents.ts';
import { type ChaosCall, type ChaosMatch, isMeant } from './chaos-rules.ts';
import type { ChaosState, LoggedCall } from './chaos-state.ts';

/** A call that is held back on command. */
export interface ParkedCall {
  /** Resolves when the call has arrived at its parking place. */
  readonly reached: Promise<ChaosCall>;
  /** Lets it go on; before it has arrived: lets it pass without stopping. */
  release(): void;
}

/** A call that can arrive a second time. */
export interface RepeatedCall {
  /** Resolves when it has had its first turn at the store. */
  readonly reached: Promise<void>;
  /** Applies it once more, waiting for the first turn if need be. */
  again(): Promise<void>;
}

/** Commands concern calls that arrive after them; several that match one call act on it in the order given. */
export interface ChaosControl {
  /** Every call so far, in the order of arrival. */
  readonly calls: readonly LoggedCall[];
  /** Holds a call back: before it is applied, or after that and before its answer leaves. */
  park(match: ChaosMatch & { readonly when: 'before' | 'after' }): ParkedCall;
  /**
   * A call never reaches the store. `'true'` acts like a server that loses a write after it has confirmed it; a
   * `getMany` that does not reject finds nothing.
   */
  drop(match: ChaosMatch & { readonly reply: 'reject' | 'false' | 'true' }): void;
  /** A call is applied, and its answer is lost: it rejects. */
  loseReply(match: ChaosMatch): void;
  /**
   * A call is applied, and once more on command, as by clients that send again what was not answered. Together with
   * `drop` the command is its only turn: a write that arrives after it was given up.
   */
  applyTwice(match: ChaosMatch): RepeatedCall;
  /** Calls wait for `wait` (of the test's own clock) before they are applied. The returned function ends the command. */
  slow(match: ChaosMatch & { readonly wait: (call: ChaosCall) => Promise<void> }): () => void;
  /** From now on every call rejects, those under way included (an applied one stays applied). */
  down(): void;
  /** Ends `down`; the contents are still there. */
  up(): void;
  /** Evicts matching keys, as a full server does. */
  forget(key: NonNullable<ChaosMatch['key']>): Promise<void>;
  /** A copy of everything that was written through this store and is still held. */
  snapshot(): Promise<ChaosSnapshot>;
  /** Goes back to a copy, like a server that restarts from an old dump; every key gets its whole lifetime again. */
  restore(snapshot: ChaosSnapshot): Promise<void>;
  /** The commands that no call has met yet: with some left, a test has not tested what it meant to. */
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
    forget: (key) => contents.forget((candidate) => isMeant(key, candidate)),
    snapshot: () => contents.snapshot(),
    restore: (snapshot) => contents.restore(snapshot),
    unmet: () => rules.unmet(),
  };
}
