import { type CachedRecord, isCachedRecord } from './cached-record.ts';
import { type Failure, type HeldClass, isFailure } from './failure.ts';
import { failureFor } from './failure-variants.ts';
import type { MatchesFields } from './field-values.ts';
import { quietMs } from './ladder.ts';
import { type Ledger, type LedgerReading, stampOf } from './ledger.ts';
import { pendingPrefix } from './mark-lifetimes.ts';
import { createMinting } from './minting.ts';
import type { StoredValue } from './stored-value.ts';
import type { TargetKeys } from './target.ts';

/**
 * The valid records of a target. A record is valid if it has the schema of this release, and if its stamp equals the
 * marks that the same look-up has read.
 */
export interface Found {
  /**
   * The marks of all assets, joined by spaces. `undefined` when an asset has no mark yet and the store has no
   * `absentMark`: then no record is valid.
   */
  readonly stamp: string | undefined;
  readonly absence: Failure | undefined;
  readonly missing_version: Failure | undefined;
  readonly permanent: Failure | undefined;
  readonly transient: Failure | undefined;
  /** Whether the first original of an asset is on its way to any process. Then nothing is recorded. */
  readonly isPending: boolean;
  /** The record of the cached derivatives. */
  readonly cached: CachedRecord | undefined;
  /** Whether at least one of the failures above is defined. */
  readonly hasFailure: boolean;
  /**
   * `false` while the shared store cannot be reached, or has refused a first mark. Then the records are from this
   * process only.
   */
  readonly reachable: boolean;
  /** The revision of the store at the time of the read, if it has one. */
  readonly revision: number | undefined;
  /** The whole records of these classes, with the failures of other variants. */
  readonly records: Readonly<Record<'permanent' | 'transient', Failure | undefined>>;
  /** The request fields by which the failures were selected. */
  readonly matches: MatchesFields | undefined;
}

export interface LookUp {
  /** Reads the marks and records of a target in one round trip. Writes nothing. */
  read(keys: TargetKeys, matches?: MatchesFields): Promise<Found> | Found;
  /**
   * Writes a first mark for each asset that has no mark, then reads. So the result of the next run can have a stamp.
   */
  readUnderMarks(keys: TargetKeys, matches?: MatchesFields): Promise<Found>;
  /** Reads again. Returns `found` itself if the store has not changed since `found` was read. */
  readAgain(keys: TargetKeys, found: Found): Promise<Found> | Found;
  /** What is valid in a reading of `keys.all`. */
  foundIn(keys: TargetKeys, reading: LedgerReading, matches: MatchesFields | undefined): Found;
  /** The same look-up, with another value under the key of these failures, or of the cached derivatives. */
  withValue(found: Found, held: HeldClass | 'cached', value: StoredValue | undefined, keys: TargetKeys): Found;
}

export interface LookUpOptions {
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly minQuietMs: number;
}

export function createLookUp({ ledger, clock, minQuietMs }: LookUpOptions): LookUp {
  const mintOnce = createMinting(ledger);
  const validity = createValidity({ clock, minQuietMs });
  const { foundIn } = validity;

  function read(keys: TargetKeys, matches?: MatchesFields): Promise<Found> | Found {
    const { readNow } = ledger;
    if (readNow === undefined) return ledger.read(keys.all).then((reading) => foundIn(keys, reading, matches));
    const revision = ledger.revision?.();
    const values = readNow(keys.all);
    // `absentMark` must be read after the values, because the read of an expired mark replaces `absentMark`.
    return foundIn(keys, { values, reachable: true, revision, absentMark: ledger.absentMark?.() }, matches);
  }

  return {
    read,
    ...validity,
    async readUnderMarks(keys, matches) {
      await Promise.all(keys.marks.map((key) => mintOnce(key, keys.cached !== undefined)));
      return read(keys, matches);
    },
    readAgain(keys, found) {
      const isCurrent = found.revision !== undefined && found.revision === ledger.revision?.();
      return isCurrent ? found : read(keys, found.matches);
    },
  };
}

/** Finds the valid values in readings of the store. */
function createValidity({ clock, minQuietMs }: Omit<LookUpOptions, 'ledger'>): Pick<LookUp, 'foundIn' | 'withValue'> {
  const isKnownFailure = checkedOnce(isFailure);
  const isKnownRecord = checkedOnce(isCachedRecord);

  function foundIn(
    keys: TargetKeys,
    { values, reachable, revision, absentMark }: LedgerReading,
    matches: MatchesFields | undefined,
  ): Found {
    const now = clock();
    const count = keys.marks.length;
    let stamp = '';
    let isPending = false;
    for (let i = 0; i < count; i += 1) {
      const mark = values[i] ?? absentMark;
      if (typeof mark !== 'string') return foundNothing(reachable, revision, matches);
      if (mark.startsWith(pendingPrefix)) isPending = true;
      stamp = i === 0 ? mark : stampOf([stamp, mark]);
    }
    stamp += keys.epoch;
    let next = count;
    const nextRecord = (held: HeldClass): Failure | undefined =>
      keys[held] === undefined ? undefined : recordIn(values[next++], held, stamp);
    const failureIn = (record: Failure | undefined): Failure | undefined =>
      record && shownIn(record, keys.variant, matches, now);
    const absence = failureIn(nextRecord('absence'));
    const missing_version = failureIn(nextRecord('missing_version'));
    const records = { permanent: nextRecord('permanent'), transient: nextRecord('transient') };
    const permanent = failureIn(records.permanent);
    const transient = failureIn(records.transient);
    const hasFailure = (absence ?? missing_version ?? permanent ?? transient) !== undefined;
    const cached = keys.cached === undefined ? undefined : cachedIn(values[next], stamp);
    // Each request comes here, and a spread took a third of the time of this function.
    // biome-ignore format: one line for each kind of fact
    return {
      stamp, isPending, reachable, revision, matches,
      absence, missing_version, permanent, transient, hasFailure, records,
      cached,
    };
  }

  function recordIn(value: StoredValue | undefined, held: HeldClass, stamp: string): Failure | undefined {
    return isKnownFailure(value) && value.stamp === stamp && value.class === held ? value : undefined;
  }

  function cachedIn(value: StoredValue | undefined, stamp: string): CachedRecord | undefined {
    return isKnownRecord(value) && value.stamp === stamp ? value : undefined;
  }

  function shownIn(record: Failure, variant: string, matches: Found['matches'], now: number): Failure | undefined {
    const failure = failureFor(record, { variant, matches });
    // A store may return a value after its TTL, so the quiet period is checked here.
    return failure !== undefined && now < failure.until + quietMs(failure, minQuietMs) ? failure : undefined;
  }

  return {
    foundIn,
    withValue(found, name, value, { variant }) {
      const { stamp = '', matches, records } = found;
      if (name === 'cached') return { ...found, cached: cachedIn(value, stamp) };
      const record = recordIn(value, name, stamp);
      const failure = record && shownIn(record, variant, matches, clock());
      const isWhole = name === 'permanent' || name === 'transient';
      return { ...found, [name]: failure, records: isWhole ? { ...records, [name]: record } : records };
    },
  };
}

/** Checks each object only once, because a store in this process returns the same objects at each read. */
function checkedOnce<V extends object>(
  isValid: (value: unknown) => value is V,
): (value: StoredValue | undefined) => value is V {
  const checked = new WeakSet<object>();
  return function isChecked(value): value is V {
    if (typeof value !== 'object' || value === null) return false;
    if (checked.has(value)) return true;
    if (!isValid(value)) return false;
    checked.add(value);
    return true;
  };
}

const noRecords: Found['records'] = { permanent: undefined, transient: undefined };

function foundNothing(reachable: boolean, revision: number | undefined, matches: Found['matches']): Found {
  return {
    stamp: undefined,
    isPending: false,
    absence: undefined,
    missing_version: undefined,
    permanent: undefined,
    transient: undefined,
    cached: undefined,
    hasFailure: false,
    reachable,
    revision,
    records: noRecords,
    matches,
  };
}
