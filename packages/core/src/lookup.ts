import { type CachedRecord, isCachedRecord } from './cached-record.ts';
import { type Failure, type HeldClass, isFailure } from './failure.ts';
import { quietMs } from './ladder.ts';
import { type Ledger, type Reading, stampOf } from './ledger.ts';
import type { StoredValue } from './store.ts';
import type { TargetKeys } from './target.ts';

/**
 * What is remembered of a target. Left out is whatever carries another stamp than the marks that were read with it, and
 * every value that is not a record of this release's schema.
 */
export interface Found {
  /** `undefined` when an asset has no mark yet, and nothing stands for it: then nothing counts as remembered. */
  readonly stamp: string | undefined;
  readonly absence: Failure | undefined;
  readonly missing_version: Failure | undefined;
  readonly permanent: Failure | undefined;
  readonly transient: Failure | undefined;
  readonly cached: CachedRecord | undefined;
  /** Whether one of the failures above is set. */
  readonly hasFailure: boolean;
  /** `false` while the store cannot be reached: then all this is one process's own view. */
  readonly reachable: boolean;
  /** Of the store, when this was read. */
  readonly revision: number | undefined;
}

export interface LookUp {
  /** Reads a target's marks, failures and record in one round trip. Writes nothing. */
  read(keys: TargetKeys): Promise<Found> | Found;
  /** The same after every asset has been given a mark, so that what a run finds can be stamped. */
  readUnderMarks(keys: TargetKeys): Promise<Found>;
  /** The same once more, unless nothing can have changed since. */
  readAgain(keys: TargetKeys, found: Found): Promise<Found> | Found;
}

export interface LookUpOptions {
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly minQuietMs: number;
}

export function createLookUp({ ledger, clock, minQuietMs }: LookUpOptions): LookUp {
  const minting = new Map<string, Promise<void>>();
  const asFailure = checkedOnce(isFailure);
  const asRecord = checkedOnce(isCachedRecord);

  function read(keys: TargetKeys): Promise<Found> | Found {
    const { readNow } = ledger;
    if (readNow === undefined) return ledger.read(keys.all).then((reading) => foundIn(keys, reading));
    const revision = ledger.revision?.();
    const values = readNow(keys.all);
    // Asked for after the reading, which may have come upon a mark that has expired.
    return foundIn(keys, { values, reachable: true, revision, absentMark: ledger.absentMark?.() });
  }

  async function mint(key: string): Promise<void> {
    // Read inside: another process may have minted, or an upload may have renewed, since the caller saw nothing.
    const { values } = await ledger.read([key]);
    if (typeof values[0] !== 'string') await ledger.mint(key);
  }

  /** One mint per process and asset at a time. */
  function mintOnce(key: string): Promise<void> {
    const joined = minting.get(key);
    if (joined !== undefined) return joined;
    const minted = mint(key).finally(() => minting.delete(key));
    minting.set(key, minted);
    return minted;
  }

  function foundIn(keys: TargetKeys, { values, reachable, revision, absentMark }: Reading): Found {
    const now = clock();
    const count = keys.marks.length;
    let stamp = '';
    for (let i = 0; i < count; i += 1) {
      const mark = values[i] ?? absentMark;
      if (typeof mark !== 'string') return nothing(reachable, revision);
      stamp = i === 0 ? mark : stampOf([stamp, mark]);
    }
    let next = count;
    const remembered = (held: HeldClass): Failure | undefined => {
      if (keys[held] === undefined) return undefined;
      const value = values[next++];
      if (!asFailure(value) || value.stamp !== stamp || value.class !== held) return undefined;
      // A store may keep a value longer than its lifetime, so the quiet period is checked here.
      return now < value.until + quietMs(value, minQuietMs) ? value : undefined;
    };
    const absence = remembered('absence');
    const missing_version = remembered('missing_version');
    const permanent = remembered('permanent');
    const transient = remembered('transient');
    const hasFailure = (absence ?? missing_version ?? permanent ?? transient) !== undefined;
    const record = keys.cached === undefined ? undefined : values[next];
    const cached = asRecord(record) && record.stamp === stamp ? record : undefined;
    return { stamp, absence, missing_version, permanent, transient, cached, hasFailure, reachable, revision };
  }

  return {
    read,
    async readUnderMarks(keys) {
      await Promise.all(keys.marks.map(mintOnce));
      return read(keys);
    },
    readAgain(keys, found) {
      const isCurrent = found.revision !== undefined && found.revision === ledger.revision?.();
      return isCurrent ? found : read(keys);
    },
  };
}

/** A store that lives in this process gives the same objects again and again: each is checked once. */
function checkedOnce<V extends object>(
  is: (value: unknown) => value is V,
): (value: StoredValue | undefined) => value is V {
  const checked = new WeakSet<object>();
  return function isChecked(value): value is V {
    if (typeof value !== 'object' || value === null) return false;
    if (checked.has(value)) return true;
    if (!is(value)) return false;
    checked.add(value);
    return true;
  };
}

function nothing(reachable: boolean, revision: number | undefined): Found {
  return {
    stamp: undefined,
    absence: undefined,
    missing_version: undefined,
    permanent: undefined,
    transient: undefined,
    cached: undefined,
    hasFailure: false,
    reachable,
    revision,
  };
}
