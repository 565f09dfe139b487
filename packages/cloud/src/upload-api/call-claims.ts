import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RememberedCalls } from '@safelight/core';
import { type CallDecision, type CallState, decideCall, formatCallState, readCallState } from './call-state.ts';

export interface CallClaimsOptions {
  readonly calls: RememberedCalls;
  /** Epoch milliseconds. */
  clock(): number;
  onError(error: unknown): void;
}

/** Gives each call to one process at a time. */
export interface CallClaims {
  /**
   * Claims a call for this process.
   *
   * @param name - any text. Only its SHA-256 is stored.
   * @param fingerprint - a digest of the call
   * @param waitMs - how long to wait for another process that runs the call
   */
  claim(name: string, fingerprint: string, waitMs: number): Promise<Claim>;
}

export type Claim =
  | Exclude<CallDecision, { readonly kind: 'run' | 'wait' }>
  | { readonly kind: 'run'; readonly run: ClaimedRun }
  /** Another process still runs the call. */
  | { readonly kind: 'busy' }
  /** The calls cannot be read or written now. This was reported. */
  | { readonly kind: 'unavailable' };

export interface ClaimedRun extends Pick<CallState, 'seed' | 'steps'> {
  /** See `RunDecision`. */
  readonly isInherited: boolean;
  /** Stores a change of the state. Does nothing when another process has the call now. Never rejects. */
  write(change: Partial<CallState>): Promise<void>;
  /** Stores the last change, and ends the claim. Never rejects. */
  end(change: Partial<CallState>): Promise<void>;
}

/** A claim ends so long after the last sign of its process. Shorter than the wait of a repeat, so that one repeat is enough. */
const claimMs = 4_000;
const renewMs = 1_000;
const rememberedMs = 600_000;
const firstPollMs = 25;
const maxPollMs = 250;

/** The times of a state that a process writes while it has the call. */
function timesOf(now: number): Pick<CallState, 'heldUntil' | 'endsAt'> {
  return { heldUntil: now + claimMs, endsAt: now + rememberedMs };
}

interface Holding {
  readonly held: CallState;
  /** Epoch milliseconds. */
  clock(): number;
  /** @returns whether this process still has the call */
  replace(state: CallState): Promise<boolean>;
  failed(cause: unknown): void;
}

/** Renews a claim until it ends. */
function hold({ held, clock, replace, failed }: Holding): Pick<ClaimedRun, 'write' | 'end'> {
  let state = held;
  let isOwn = true;
  let pending = 0;
  let last = Promise.resolve();

  async function writeNext(change: Partial<CallState>): Promise<void> {
    if (!isOwn) return;
    state = { ...state, ...timesOf(clock()), ...change };
    isOwn = await replace(state);
  }

  function write(change: Partial<CallState>): Promise<void> {
    pending += 1;
    last = last
      .then(() => writeNext(change))
      .catch(failed)
      .finally(() => {
        pending -= 1;
      });
    return last;
  }

  const renewing = setInterval(() => {
    if (pending === 0) void write({});
  }, renewMs).unref();
  return {
    write,
    end(change) {
      clearInterval(renewing);
      return write({ heldUntil: 0, ...change });
    },
  };
}

export function createCallClaims({ calls, clock, onError }: CallClaimsOptions): CallClaims {
  let isDown = false;

  /** Reports the first failure of an outage. */
  function failed(cause: unknown): void {
    if (!isDown) {
      onError(
        new Error(
          'Remembered calls cannot be read or written. Until they can, this process does not know the calls of others: a call that is repeated to another process may be done twice.',
          { cause },
        ),
      );
    }
    isDown = true;
  }

  async function replace(key: string, revision: number, state: CallState): Promise<number | undefined> {
    return calls.replace(key, revision, { state: formatCallState(state), endsAt: state.endsAt });
  }

  async function tryClaim(key: string, fingerprint: string): Promise<Claim | undefined> {
    const known = await calls.read(key);
    const newSeed = randomBytes(16).toString('hex');
    const decision = decideCall(readCallState(known.state), fingerprint, { now: clock(), newSeed });
    if (decision.kind === 'wait') return undefined;
    if (decision.kind !== 'run') return decision;
    const { seed, steps, isInherited } = decision;
    const held = { fingerprint, seed, steps, isFree: false, ...timesOf(clock()) };
    let revision = await replace(key, known.revision, held);
    if (revision === undefined) return undefined;
    const holding = hold({
      held,
      clock,
      failed,
      replace: async (next) => {
        revision = revision && (await replace(key, revision, next));
        return revision !== undefined;
      },
    });
    return { kind: 'run', run: { seed, steps, isInherited, ...holding } };
  }

  return {
    async claim(name, fingerprint, waitMs) {
      const key = createHash('sha256').update(name).digest('hex');
      try {
        for (let waitedMs = 0, pollMs = firstPollMs; ; pollMs = Math.min(2 * pollMs, maxPollMs)) {
          const claim = await tryClaim(key, fingerprint);
          isDown = false;
          if (claim !== undefined) return claim;
          if (waitedMs >= waitMs) return { kind: 'busy' };
          await delay(pollMs);
          waitedMs += pollMs;
        }
      } catch (error) {
        failed(error);
        return { kind: 'unavailable' };
      }
    },
  };
}
