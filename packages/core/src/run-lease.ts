import type { Lease } from './leases.ts';

/** The lease of one run. */
export interface RunLease extends Lease {
  /** Whether the store has ended it together with the record. */
  isReleased: boolean;
}
