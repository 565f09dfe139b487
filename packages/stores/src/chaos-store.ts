import type { Store } from '@safelight/core';
import { checkValue, portValue } from '@safelight/protocol';
import { callWithChaos } from './chaos-call.ts';
import { chaosContents } from './chaos-contents.ts';
import { type ChaosControl, chaosControl } from './chaos-control.ts';
import { chaosLeases } from './chaos-leases.ts';
import { chaosRules } from './chaos-rules.ts';
import type { ChaosState } from './chaos-state.ts';

export type { ChaosSnapshot } from './chaos-contents.ts';
export type { ChaosControl, ParkedCall, RepeatedCall } from './chaos-control.ts';
export type { ChaosCall, ChaosMatch, ChaosOp } from './chaos-rules.ts';
export type { ChaosOutcome, LoggedCall } from './chaos-state.ts';

/** A store with commands for tests. */
export interface ChaosStore extends Store {
  readonly control: ChaosControl;
}

const storePort = portValue('a Store, such as memoryStore()', ['getMany', 'set', 'delete']);

/**
 * Wraps a store for tests. By commands (`control`) it delays calls, lets them fail, evicts keys, or confirms writes
 * that it does not make. Without a command it passes each call on. It has no timers: a test that stops a call also
 * releases it.
 *
 * @throws {TypeError} when the first argument is not a Store
 *
 * @example
 * import { memoryStore } from '@safelight/stores';
 *
 * const store = chaosStore(memoryStore());
 * store.control.drop({ op: 'set', reply: 'true' });
 * await store.set('key', 'value', 60_000); // true, but the value was lost
 * await store.getMany(['key']); // [undefined]
 */
export function chaosStore(store: Store): ChaosStore {
  checkValue('chaosStore(): the first argument', store, storePort);
  const state: ChaosState = { rules: chaosRules(), contents: chaosContents(store), calls: [], down: false };
  const { contents } = state;
  const extend = store.extend?.bind(store);
  const onReady = store.onReady?.bind(store);
  const setFirst = store.setFirst?.bind(store);
  return {
    control: chaosControl(state),
    getMany: (keys) =>
      callWithChaos(
        state,
        { op: 'getMany', keys },
        {
          apply: () => store.getMany(keys),
          pretend: () => keys.map(() => undefined),
        },
      ),
    set: (key, value, ttlMs) =>
      callWithChaos(
        state,
        { op: 'set', keys: [key], value },
        {
          apply: () => contents.set(key, value, ttlMs),
          pretend: (reply) => reply,
        },
      ),
    ...(onReady === undefined ? {} : { onReady }),
    ...(store.leases === undefined ? {} : { leases: chaosLeases(store.leases, state) }),
    ...(setFirst === undefined
      ? {}
      : {
          setFirst: (key: string, mark: string, ttlMs: number) =>
            callWithChaos(
              state,
              { op: 'set', keys: [key], value: mark },
              {
                apply: () => {
                  contents.note(key, ttlMs);
                  return setFirst(key, mark, ttlMs);
                },
                pretend: (reply) => reply,
              },
            ),
        }),
    ...(extend === undefined
      ? {}
      : {
          extend: (key: string, ttlMs: number) =>
            callWithChaos(
              state,
              { op: 'extend', keys: [key] },
              {
                apply: () => extend(key, ttlMs),
                pretend: (reply) => reply,
              },
            ),
        }),
    delete: (key) =>
      callWithChaos(
        state,
        { op: 'delete', keys: [key] },
        {
          apply: () => contents.delete(key),
          pretend: (reply) => reply,
        },
      ),
  };
}
