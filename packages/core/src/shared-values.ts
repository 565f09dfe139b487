import { hasRecordSchema, recordKeyPrefix, recordSchema } from './record-schema.ts';
import type { Store } from './store.ts';
import type { StoredValue } from './stored-value.ts';

/**
 * Values that processes share beside the records of the guard. They are for convenience only: each may be absent at any
 * time. No method rejects.
 */
export interface SharedValues {
  /** Reads all names in one round trip. While the store cannot be reached, each value is `undefined`. */
  read(names: readonly string[]): Promise<readonly (StoredValue | undefined)[]>;
  /**
   * @param ttlMs - milliseconds until the value expires, at least 1
   * @returns whether the store has confirmed the write
   */
  write(name: string, value: StoredValue, ttlMs: number): Promise<boolean>;
}

/** Calls the shared store. @returns `undefined` when the call failed */
export type CallStore = <T>(call: () => Promise<T>) => Promise<{ readonly value: T } | undefined>;

/** The values have the schema number of the records, so those of another release count as absent. */
export function createSharedValues(store: Store, callStore: CallStore): SharedValues {
  const keyOf = (name: string) => recordKeyPrefix('e') + name;
  return {
    async read(names) {
      const result = await callStore(() => store.getMany(names.map(keyOf)));
      return names.map((_, i) => {
        const stored = result?.value[i];
        return hasRecordSchema(stored) ? (stored['value'] as StoredValue | undefined) : undefined;
      });
    },
    async write(name, value, ttlMs) {
      const result = await callStore(() => store.set(keyOf(name), { schema: recordSchema, value }, ttlMs));
      return result?.value === true;
    },
  };
}
