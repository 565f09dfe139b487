import type { ConditionalRecord, Leases, Store } from '@safelight/core';
import type { Scheduler } from 'fast-check';

/**
 * What happens to a write. `lost`: not applied and not confirmed. `unconfirmed`: applied, but not confirmed. `late`: not
 * confirmed, and applied later. `twice`: applied, confirmed, and applied again later.
 */
export type Fate = 'fine' | 'lost' | 'unconfirmed' | 'late' | 'twice';

export interface ScheduledStoreOptions {
  readonly scheduler: Pick<Scheduler, 'schedule'>;
  /** The fate of the next write. */
  readonly nextFate: () => Fate;
  readonly isDown: () => boolean;
  /** Changes when the server starts again: calls and late writes on an earlier connection are lost. */
  readonly connection?: () => unknown;
  /**
   * Whether the process that calls has crashed. Its calls get no replies then. `calls are lost`: those in progress are not
   * applied either.
   */
  readonly crash?: () => undefined | 'calls are applied' | 'calls are lost';
}

/** The fates in their order; after the last one they begin again. */
export function repeated(fates: readonly Fate[]): () => Fate {
  let writes = 0;
  return () => (fates.length === 0 ? 'fine' : (fates[writes++ % fates.length] as Fate));
}

/** A promise for those that do not continue, because their process has crashed. */
export function noReply<T>(): Promise<T> {
  return new Promise(() => {});
}

/** A store with calls that wait for the scheduler, once before they are applied and once before they return. */
export function scheduledStore(store: Store, options: ScheduledStoreOptions): Store {
  const { scheduler, nextFate, isDown, connection = () => undefined, crash = () => undefined } = options;
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);

  async function called<T>(name: string, apply: () => Promise<T>): Promise<T> {
    const sentOn = connection();
    const isCut = () => isDown() || connection() !== sentOn;
    await turn(name);
    if (crash() === 'calls are lost') return noReply();
    if (isCut()) throw new Error(`The store is down: ${name}`);
    const result = await apply();
    await turn(`reply to ${name}`);
    if (crash() !== undefined) return noReply();
    if (isCut()) throw new Error(`The store went down: ${name}`);
    return result;
  }

  /** A write with a fate. `confirmed`: its result without a confirmation; it throws to reject. */
  function written<T>(key: string, write: () => Promise<T>, unconfirmed: (fate: Fate) => T): Promise<T> {
    return called(`write ${key}`, async () => {
      const sentOn = connection();
      const next = nextFate();
      // A mark must never be applied twice: no step of ours can repair that.
      const fate = next === 'twice' && key.startsWith('g:') ? 'fine' : next;
      const later = () => void turn(`late write ${key}`).then(() => (connection() === sentOn ? write() : undefined));
      if (fate === 'late' || fate === 'twice') later();
      if (fate === 'lost' || fate === 'late') return unconfirmed(fate);
      const result = await write();
      return fate === 'unconfirmed' ? unconfirmed(fate) : result;
    });
  }

  const { setFirst, leases } = store;
  return {
    getMany: (keys) => called(`read ${keys[0]}`, () => store.getMany(keys)),
    delete: (key) => called(`delete ${key}`, () => store.delete(key)),
    extend: (key, ttlMs) => called(`extend ${key}`, async () => (await store.extend?.(key, ttlMs)) === true),
    set: (key, value, ttlMs) =>
      written(
        key,
        () => store.set(key, value, ttlMs),
        () => false,
      ),
    ...(setFirst === undefined
      ? {}
      : {
          setFirst: (key: string, mark: string, ttlMs: number) =>
            written(
              key,
              () => setFirst(key, mark, ttlMs),
              () => false,
            ),
        }),
    ...(leases === undefined ? {} : { leases: scheduledLeases(leases) }),
  };

  function scheduledLeases({ take, record, release }: Leases): Leases {
    const rejects = (): never => {
      throw new Error('The store gave no reply.');
    };
    return {
      take: (lease, ttlMs, keys) => written(lease.key, () => take(lease, ttlMs, keys), rejects),
      record: (given: ConditionalRecord) =>
        written(
          given.key,
          () => record(given),
          (fate) => (fate === 'lost' ? 'refused' : rejects()),
        ),
      release: (lease) => written(lease.key, () => release(lease), rejects),
    };
  }
}
