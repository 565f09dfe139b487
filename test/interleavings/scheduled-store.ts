import type { Store } from '@safelight/core';
import type { Scheduler } from 'fast-check';

/**
 * What happens to a write. `lost`: not applied and not confirmed. `unconfirmed`: applied, but not confirmed. `late`: not
 * confirmed, and applied later. `twice`: applied, confirmed, and applied again later.
 */
export type Fate = 'fine' | 'lost' | 'unconfirmed' | 'late' | 'twice';

export interface ScheduledStoreOptions {
  readonly scheduler: Scheduler;
  /** The fates of the writes in their order; after the last one they begin again. */
  readonly fates: readonly Fate[];
  readonly isDown: () => boolean;
}

/** A store with calls that wait for the scheduler, once before they are applied and once before they return. */
export function scheduledStore(store: Store, { scheduler, fates, isDown }: ScheduledStoreOptions): Store {
  let writes = 0;
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);

  async function called<T>(name: string, apply: () => Promise<T>): Promise<T> {
    await turn(name);
    if (isDown()) throw new Error(`The store is down: ${name}`);
    const result = await apply();
    await turn(`reply to ${name}`);
    if (isDown()) throw new Error(`The store went down: ${name}`);
    return result;
  }

  function fateOf(key: string): Fate {
    const fate = fates.length === 0 ? 'fine' : (fates[writes++ % fates.length] as Fate);
    // A mark must never be applied twice: no step of ours can repair that.
    return fate === 'twice' && key.startsWith('g:') ? 'fine' : fate;
  }

  return {
    getMany: (keys) => called(`read ${keys[0]}`, () => store.getMany(keys)),
    delete: (key) => called(`delete ${key}`, () => store.delete(key)),
    extend: (key, ttlMs) => called(`extend ${key}`, async () => (await store.extend?.(key, ttlMs)) === true),
    set: (key, value, ttlMs) =>
      called(`write ${key}`, async () => {
        const fate = fateOf(key);
        const write = () => store.set(key, value, ttlMs);
        const later = () => void turn(`late write ${key}`).then(write);
        if (fate === 'late' || fate === 'twice') later();
        if (fate === 'lost' || fate === 'late') return false;
        return (await write()) && fate !== 'unconfirmed';
      }),
  };
}
