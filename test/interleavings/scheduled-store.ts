import type { Store } from '@safelight/core';
import type { Scheduler } from 'fast-check';

/**
 * What becomes of a write. `lost`: never applied, not confirmed. `unconfirmed`: applied all the same. `late`: given up,
 * and applied later. `twice`: applied, confirmed, and applied once more later.
 */
export type Fate = 'fine' | 'lost' | 'unconfirmed' | 'late' | 'twice';

export interface ScheduledStoreOptions {
  readonly scheduler: Scheduler;
  /** In the order of the writes, over and over. */
  readonly fates: readonly Fate[];
  readonly isDown: () => boolean;
}

/** A store each of whose calls waits for the scheduler before it is applied and before its answer leaves. */
export function scheduledStore(store: Store, { scheduler, fates, isDown }: ScheduledStoreOptions): Store {
  let writes = 0;
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);

  async function called<T>(name: string, apply: () => Promise<T>): Promise<T> {
    await turn(name);
    if (isDown()) throw new Error(`The store is down: ${name}`);
    const response = await apply();
    await turn(`answer of ${name}`);
    if (isDown()) throw new Error(`The store went down: ${name}`);
    return response;
  }

  function fateOf(key: string): Fate {
    const fate = fates.length === 0 ? 'fine' : (fates[writes++ % fates.length] as Fate);
    // A mark that enters the store a second time is what no step of ours can make good.
    return fate === 'twice' && key.startsWith('g:') ? 'fine' : fate;
  }

  return {
    getMany: (keys) => called(`read ${keys[0]}`, () => store.getMany(keys)),
    delete: (key) => called(`delete ${key}`, () => store.delete(key)),
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
