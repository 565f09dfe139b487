import {
  type ConditionalRecord,
  keyKind,
  type Lease,
  type Leases,
  type Store,
  type StoredValue,
} from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { type HeldLeases, leasedStore } from './leased-store.ts';

/** What a server comes back with after a restart. */
export type Kept = 'everything' | 'a snapshot' | 'nothing';

type LeasedStore = Store & { readonly leases: Leases };

/** A store with leases on a server that loses values, and that may come back with an old snapshot. */
export interface SharedServer {
  readonly store: LeasedStore;
  /** Another one after each restart, as the `run_id` of a Redis. */
  run(): number;
  evict(what: 'marks' | 'records' | 'leases'): Promise<void>;
  /** Takes a snapshot. */
  save(): Promise<void>;
  restart(kept: Kept): Promise<void>;
  readonly leases: HeldLeases;
  /** The end of the window of each recorded failure in epoch milliseconds. The name is like `a {cat} <stamp>`. */
  readonly windows: ReadonlyMap<string, number>;
  /** The names of the recorded derivatives, like `d {cat}:small <stamp>`. */
  readonly made: ReadonlySet<string>;
  /** Leases that a holder got while another one had them. */
  readonly sharedLeases: readonly string[];
}

interface Saved {
  readonly key: string;
  readonly value: StoredValue;
  readonly endsAt: number;
}

export interface SharedServerOptions {
  readonly clock: () => number;
  /** Whether marks have the run of the server, as with `redisStore`. @default true */
  readonly hasRuns?: boolean;
  /** Replaces methods of the leases, for a server with a fault. */
  readonly replaced?: ((leases: Leases) => Partial<Leases>) | undefined;
}

export function sharedServer({ clock, hasRuns = true, replaced = () => ({}) }: SharedServerOptions): SharedServer {
  const memory = memoryStore({ clock });
  const leases: HeldLeases = new Map();
  const endsAt = new Map<string, number>();
  const windows = new Map<string, number>();
  const made = new Set<string>();
  const sharedLeases: string[] = [];
  /** The holders by what they were told, whatever the server does with its leases. */
  const holders: HeldLeases = new Map();
  let run = 1;
  let saved: readonly Saved[] = [];

  const noted: Store = {
    ...memory,
    set(key, value, ttlMs) {
      endsAt.set(key, clock() + ttlMs);
      return memory.set(key, value, ttlMs);
    },
    async extend(key, ttlMs) {
      const known = endsAt.get(key);
      if (known !== undefined) endsAt.set(key, Math.max(known, clock() + ttlMs));
      return (await memory.extend?.(key, ttlMs)) === true;
    },
  };
  const leased = leasedStore(noted, clock, leases);
  const faulty: LeasedStore = { ...leased, leases: { ...leased.leases, ...replaced(leased.leases) } };
  const served = hasRuns ? withRuns(faulty, () => run) : faulty;

  function endLease(lease: Lease | undefined): void {
    if (lease !== undefined && holders.get(lease.key)?.token === lease.token) holders.delete(lease.key);
  }

  function note({ key, value }: ConditionalRecord): void {
    const { stamp, until } = value as { readonly stamp: string; readonly until?: number };
    // Without the number of the schema.
    const name = `${key.replace(/^(\w):\d+:/, '$1 ')} ${stamp}`;
    if (until === undefined) made.add(name);
    else windows.set(name, until);
  }

  async function remove(isMeant: (key: string) => boolean): Promise<void> {
    for (const key of [...endsAt.keys()].filter(isMeant)) {
      endsAt.delete(key);
      await memory.delete(key);
    }
  }

  function removeLeases(): void {
    leases.clear();
    holders.clear();
  }

  return {
    run: () => run,
    leases,
    windows,
    made,
    sharedLeases,
    store: {
      ...served,
      leases: {
        async take(lease, ttlMs, keys) {
          const reading = await served.leases.take(lease, ttlMs, keys);
          const other = holders.get(lease.key);
          if (reading.holder !== lease.token) return reading;
          if (other !== undefined && other.token !== lease.token && clock() < other.endsAt)
            sharedLeases.push(lease.key);
          holders.set(lease.key, { token: lease.token, endsAt: clock() + ttlMs });
          return reading;
        },
        async record(record) {
          const result = await served.leases.record(record);
          if (result === 'written' || result === 'moved') endLease(record.lease);
          if (result === 'written') note(record);
          return result;
        },
        async release(lease) {
          endLease(lease);
          await served.leases.release(lease);
        },
      },
    },
    async evict(what) {
      if (what === 'leases') removeLeases();
      else await remove((key) => (keyKind(key) === 'mark') === (what === 'marks'));
    },
    async save() {
      const keys = [...endsAt.keys()];
      const values = await memory.getMany(keys);
      saved = keys.flatMap((key, index) => {
        const value = values[index];
        return value === undefined ? [] : [{ key, value, endsAt: endsAt.get(key) ?? 0 }];
      });
    },
    async restart(kept) {
      run += 1;
      if (kept === 'everything') return;
      removeLeases();
      await remove(() => true);
      for (const { key, value, endsAt: end } of kept === 'a snapshot' ? saved : [])
        if (end > clock()) await noted.set(key, value, end - clock());
    },
  };
}

/**
 * Writes the run of the server into each mark, and reads only marks of the present run, as `redisStore` does. There, the
 * client does it: a call that was sent before a restart of the server has no effect, so the run is the same.
 */
function withRuns(store: LeasedStore, run: () => number): LeasedStore {
  const { leases } = store;
  const textOf = (key: string, value: StoredValue) => (keyKind(key) === 'mark' ? `@${run()} ${String(value)}` : value);

  function valuesOf(keys: readonly string[], texts: readonly (StoredValue | undefined)[]) {
    const start = `@${run()} `;
    return keys.map((key, index) => {
      const text = texts[index];
      if (keyKind(key) !== 'mark' || text === undefined) return text;
      return String(text).startsWith(start) ? String(text).slice(start.length) : undefined;
    });
  }

  return {
    ...store,
    getMany: async (keys) => valuesOf(keys, await store.getMany(keys)),
    set: (key, value, ttlMs) => store.set(key, textOf(key, value), ttlMs),
    async setFirst(key, mark, ttlMs) {
      const [present] = valuesOf([key], await store.getMany([key]));
      return present !== undefined || store.set(key, textOf(key, mark), ttlMs);
    },
    leases: {
      release: leases.release,
      async take(lease, ttlMs, keys) {
        const reading = await leases.take(lease, ttlMs, keys);
        return { ...reading, values: valuesOf(keys, reading.values) };
      },
      record: (record) =>
        leases.record({ ...record, marks: record.marks.map(([key, mark]) => [key, String(textOf(key, mark))]) }),
    },
  };
}
