import type { HeldClass } from './failure.ts';
import type { Ledger } from './ledger.ts';
import type { Found, LookUp } from './lookup.ts';
import type { RunLease } from './run-lease.ts';
import type { StoredValue } from './stored-value.ts';
import type { TargetKeys } from './target.ts';

/** A record of a target, and what is known of it. */
export interface RecordToWrite {
  readonly keys: TargetKeys;
  readonly name: HeldClass | 'cached';
  /** The last look-up before the run. */
  readonly before: Found;
  readonly lease: RunLease | undefined;
}

export interface WrittenValue {
  readonly value: StoredValue;
  readonly ttlMs: number;
}

/**
 * Writes the value that `make` computes from what is stored now. If another process writes in between, computes it again.
 *
 * @param make - `undefined`: nothing must be written
 * @returns `written`; `moved` if the asset has changed since `before`, or another process has the lease; the last look-up
 *   if nothing was written
 */
export type WriteRecord = (
  record: RecordToWrite,
  make: (found: Found) => WrittenValue | undefined,
) => Promise<'written' | 'moved' | Found>;

/** How often a record is written again, when another process has written it since it was read. */
const maxTries = 3;

export function createWriteRecord({
  ledger,
  lookUp,
}: {
  readonly ledger: Ledger;
  readonly lookUp: LookUp;
}): WriteRecord {
  return async function writeRecord({ keys, name, before, lease }, make) {
    const key = keys[name];
    const { stamp } = before;
    if (key === undefined || stamp === undefined) return 'moved';
    // A store with leases compares before it writes. For others, the values are read right before the write.
    let found = ledger.hasLeases && before.reachable ? before : await lookUp.read(keys, before.matches);
    let read = storedIn(found, name);
    for (let tries = 0; tries < maxTries; tries += 1) {
      if (found.stamp !== stamp) return 'moved';
      const made = make(found);
      if (made === undefined) break;
      const result = await ledger.record({ key, ...made, marks: keys.marks, stamp, before: read, lease });
      if (lease !== undefined && (result === 'written' || result === 'moved')) lease.isReleased = true;
      if (result === 'moved') return 'moved';
      if (typeof result === 'string') return 'written';
      read = result.stored;
      found = lookUp.withValue(found, name, read, keys);
    }
    return found;
  };
}

/** The whole record. A failure of the original has no variants, so its record is the failure itself. */
export function storedIn(found: Found, name: HeldClass | 'cached'): StoredValue | undefined {
  return name === 'permanent' || name === 'transient' ? found.records[name] : found[name];
}
