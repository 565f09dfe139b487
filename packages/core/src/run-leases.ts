import type { RunResult } from './record-run.ts';
import type { RunLease } from './run-lease.ts';
import { createTakeLease, type LeaseRequest, type LeaseTurn, type TakeLeaseOptions } from './take-lease.ts';
import { leaseKey } from './target.ts';

/** Lets one process run at a time, among those that share a store with leases. */
export interface RunLeases {
  /**
   * Looks up again. If the run needs a lease, takes it in the same round trip (`TakeLease`).
   *
   * A run needs a lease if other processes can use its result. A handler that succeeds without a cache does not need one:
   * otherwise all its requests in all processes would wait for each other.
   */
  begin(request: LeaseRequest): LeaseTurn | Promise<LeaseTurn>;
  /** Ends the lease after the result is recorded. The response does not wait for this, but later requests join the run. */
  endWith<T>(result: RunResult<T>, lease: RunLease | undefined): RunResult<T>;
  /** Ends the lease, if the store has not done so together with the record. Never rejects. */
  release(lease: RunLease | undefined): Promise<void>;
}

export interface RunLeasesOptions extends TakeLeaseOptions {
  readonly onError: (error: unknown) => void;
}

export function createRunLeases(options: RunLeasesOptions): RunLeases {
  const { ledger, lookUp, onError } = options;
  const take = createTakeLease(options);

  function isNeeded(request: LeaseRequest): request is LeaseRequest & { readonly stamp: string } {
    const { visit, found, stamp } = request;
    if (!ledger.hasLeases || stamp === undefined || !found.reachable || found.isPending) return false;
    if (visit.sharing !== '') return false;
    return visit.keys.isCached || found.hasFailure;
  }

  async function release(lease: RunLease | undefined): Promise<void> {
    if (lease === undefined || lease.isReleased) return;
    lease.isReleased = true;
    await ledger.release(lease).catch(onError);
  }

  return {
    begin(request) {
      const { visit, found } = request;
      if (isNeeded(request)) return take(request, leaseKey(visit.keys, request.stamp));
      const reading = lookUp.readAgain(visit.keys, found);
      if (reading instanceof Promise) return reading.then((latest) => ({ found: latest, lease: undefined }));
      return { found: reading, lease: undefined };
    },

    endWith(result, lease) {
      if (lease === undefined) return result;
      // The other results have nothing to wait for.
      if (result.kind === 'made' || result.kind === 'failed') {
        const { background = Promise.resolve() } = result;
        if (!lease.isReleased) return { ...result, background: background.then(() => release(lease)) };
      } else void release(lease);
      return result;
    },

    release,
  };
}
