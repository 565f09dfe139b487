import { type Failure, type HeldClass, isFailure } from './failure.ts';
import { type Mark, stampOf } from './generation.ts';
import { isKeptRecord, type KeptRecord } from './kept-record.ts';
import { quietMs } from './ladder.ts';
import type { Ledger, Reading } from './ledger.ts';
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
  readonly lasting: Failure | undefined;
  readonly passing: Failure | undefined;
  readonly kept: KeptRecord | undefined;
  /** `false` while the store cannot be reached: then all this is one process's own view. */
  readonly reachable: boolean;
  /** Of the store, when this was read. */
  readonly revision: number | undefined;
}

export interface LookUp {
  /** Reads a target's marks and failures in one round trip. Writes nothing. */
  read(keys: TargetKeys): Promise<Found> | Found;
  /** The same once more, unless nothing can have changed since. */
  readAgain(keys: TargetKeys, found: Found): Promise<Found> | Found;
  /** Makes sure that every asset has a mark, so that what a run finds can be stamped. */
  mint(keys: TargetKeys): Promise<void>;
}

export interface LookUpOptions {
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly leastQuietMs: number;
}

export function createLookUp({ ledger, clock, leastQuietMs }: LookUpOptions): LookUp {
  const minting = new Map<string, Promise<void>>();

  async function mintOne(key: string): Promise<void> {
    // Read inside: somebody may have minted, or an upload may have renewed, since the caller saw nothing.
    const { values } = await ledger.read([key]);
    if (typeof values[0] === 'string') return;
    await ledger.mint(key);
  }

  function read(keys: TargetKeys): Promise<Found> | Found {
    const reading = ledger.read(keys.all);
    return reading instanceof Promise ? reading.then((late) => foundIn(keys, late)) : foundIn(keys, reading);
  }

  function foundIn(keys: TargetKeys, { values, reachable, revision, absentMark }: Reading): Found {
    const now = clock();
    const count = keys.marks.length;
    const marks: Mark[] = [];
    for (let i = 0; i < count; i += 1) {
      const mark = values[i] ?? absentMark;
      if (typeof mark !== 'string') return nothing(reachable, revision);
      marks.push(mark);
    }
    const stamp = stampOf(marks);
    const remembered = (i: number, held: HeldClass): Failure | undefined => {
      const value = values[i];
      if (!isFailure(value) || value.stamp !== stamp || value.class !== held) return undefined;
      // Stores expire when they please; the quiet period is ours to keep.
      return now < value.until + quietMs(value, leastQuietMs) ? value : undefined;
    };
    const kept = keys.kept === undefined ? undefined : values[values.length - 1];
    let next = count;
    const ifKeyed = (held: HeldClass) => (keys[held] === undefined ? undefined : remembered(next++, held));
    return {
      stamp,
      absence: ifKeyed('absence'),
      missing_version: ifKeyed('missing_version'),
      lasting: ifKeyed('lasting'),
      passing: ifKeyed('passing'),
      kept: isKeptRecord(kept) && kept.stamp === stamp ? kept : undefined,
      reachable,
      revision,
    };
  }

  return {
    read,
    readAgain: (keys, found) => (ledger.isCurrent(found.revision) ? found : read(keys)),

    async mint(keys) {
      await Promise.all(
        keys.marks.map((key) => {
          const joined = minting.get(key);
          if (joined !== undefined) return joined;
          const mint = mintOne(key).finally(() => minting.delete(key));
          minting.set(key, mint);
          return mint;
        }),
      );
    },
  };
}

function nothing(reachable: boolean, revision: number | undefined): Found {
  return {
    stamp: undefined,
    absence: undefined,
    missing_version: undefined,
    lasting: undefined,
    passing: undefined,
    kept: undefined,
    reachable,
    revision,
  };
}
