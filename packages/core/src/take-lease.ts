import { type DecideContext, decide } from './decide.ts';
import type { Ledger, Mark } from './ledger.ts';
import type { Found, LookUp } from './lookup.ts';
import { busyOutcome, heldOutcome } from './outcome.ts';
import type { Patience, PendingChanges } from './pending-changes.ts';
import type { RunResult } from './record-run.ts';
import type { RunLease } from './run-lease.ts';
import type { Serving } from './serve.ts';
import type { Visit } from './visit.ts';

/** What a request knows right before its run. */
export interface LeaseTurn {
  /** The latest look-up. */
  readonly found: Found;
  /** `undefined`: this process runs beside others. */
  readonly lease: RunLease | undefined;
  /** The result, if the run of another process makes this run unnecessary. */
  readonly instead?: RunResult<never>;
}

/** A request that wants to run. */
export interface LeaseRequest {
  readonly visit: Pick<Visit<never>, 'keys' | 'matches' | 'evicted' | 'sharing'>;
  /** The look-up before. */
  readonly found: Found;
  /** `undefined`: the result cannot be recorded. */
  readonly stamp: string | undefined;
  readonly patience: Patience;
}

/**
 * Takes a lease and looks up again, in one round trip. If another process has the lease: gives the failure that this process
 * tries again, or waits for the other run within `patience`. The requests of this process that share the run wait together.
 * If the other run has left nothing that this request can use, it runs without a lease.
 */
export type TakeLease = (request: LeaseRequest & { readonly stamp: string }, key: string) => Promise<LeaseTurn>;

export interface TakeLeaseOptions {
  readonly ledger: Ledger;
  readonly lookUp: LookUp;
  readonly select: Serving['select'];
  readonly pending: PendingChanges;
  readonly clock: () => number;
  /** Milliseconds that are never set back. */
  readonly monotonicClock: () => number;
  readonly random: () => number;
  readonly freshMark: () => Mark;
  readonly timeoutMs: number;
  readonly maxPendingMs: number;
}

/** The time for the record after a run: two calls of the store. */
const recordMs = 2_000;
/** The longest time between a call of the store and the start of the run. */
const startMs = 1_500;
const firstPollMs = 10;
const maxPollMs = 200;

export function createTakeLease(options: TakeLeaseOptions): TakeLease {
  const { ledger, lookUp, select, pending, clock, monotonicClock, random, freshMark, timeoutMs, maxPendingMs } =
    options;
  const leaseMs = timeoutMs + recordMs + startMs;

  /** What a request does while another process has the lease; `undefined`: it waits. */
  function insteadOfRun({ visit, stamp }: LeaseRequest, found: Found): RunResult<never> | undefined {
    if (found.stamp !== stamp) return { kind: 'changed' };
    const variant = found.cached === undefined ? undefined : select(visit, found.cached);
    const context: DecideContext = { isProbed: () => true, isAwaited: pending.has(visit.keys.marks), variant };
    const decision = decide(found, clock(), context);
    if (decision.kind === 'hold') return heldOutcome(decision, found.reachable);
    if (decision.kind === 'run') return undefined;
    // The next look-up finds the derivative. One that is stale is being made again by the other process.
    return { kind: decision.state === 'refreshed' ? 'abandoned' : 'changed' };
  }

  return async function takeLease(request, key) {
    const { visit, found, patience } = request;
    const { keys, matches } = visit;
    let firstHolder: string | undefined;
    let waitedMs = 0;
    for (let pollMs = firstPollMs; ; pollMs = Math.min(2 * pollMs, maxPollMs)) {
      const lease: RunLease = { key, token: freshMark(), isReleased: false };
      const sentAt = monotonicClock();
      const reading = await ledger.take(lease, leaseMs, keys.all);
      if (reading === undefined) return { found: await lookUp.read(keys, found.matches), lease: undefined };
      const latest = lookUp.foundIn(keys, reading, matches ?? found.matches);
      const without = { found: latest, lease: undefined };
      if (reading.holder === lease.token) {
        if (sentAt + leaseMs - monotonicClock() > timeoutMs + recordMs) return { found: latest, lease };
        // This process stood still. Its lease could end during the run.
        await ledger.release(lease);
      } else {
        const instead = insteadOfRun(request, latest);
        if (instead !== undefined) return { ...without, instead };
        if (firstHolder !== undefined && firstHolder !== reading.holder) return without;
        firstHolder = reading.holder;
      }
      // Waits are also added up, because the clock may be set back.
      const leftMs = Math.min(patience.endsAt - clock(), maxPendingMs - waitedMs);
      if (leftMs <= 0) return { ...without, instead: busyOutcome(random()) };
      waitedMs += pollMs;
      await delay(Math.min(pollMs, leftMs));
    }
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
