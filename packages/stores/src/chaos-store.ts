import type { Store } from '@safelight/core';
import { checkValue, portValue } from '@safelight/protocol';
import { chaosContents } from './chaos-contents.ts';
import { type ChaosControl, chaosControl } from './chaos-control.ts';
import { type ChaosCall, chaosRules } from './chaos-rules.ts';
import type { ChaosOutcome, ChaosState, OpenLogEntry } from './chaos-state.ts';

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

interface CallEffects<Result> {
  /** Calls the wrapped store. */
  apply(): Promise<Result>;
  /** The result of a call that was not applied. */
  pretend(reply: boolean): Result;
}

async function callWithChaos<Result>(
  state: ChaosState,
  call: ChaosCall,
  { apply, pretend }: CallEffects<Result>,
): Promise<Result> {
  const entry: OpenLogEntry = { ...call, outcome: 'pending', applied: 0 };
  state.calls.push(entry);
  const applyAndCount = async (): Promise<Result> => {
    const result = await apply();
    entry.applied += 1;
    return result;
  };
  try {
    refuseWhenDown(state, call);
    const effects = state.rules.effectsOn(call);
    for (const { before } of effects) await before?.(call);
    refuseWhenDown(state, call);
    let result = effects.some(({ dropped }) => dropped) ? pretend(false) : await applyAndCount();
    for (const { repeatable } of effects) repeatable?.(async () => void (await applyAndCount()));
    for (const { after } of effects) await after?.(call);
    refuseWhenDown(state, call);
    const reply = effects.find((effect) => effect.reply !== undefined)?.reply;
    if (reply === 'reject') throw new Error(`Chaos on command: the reply of ${describeCall(call)} was lost`);
    if (reply !== undefined) result = pretend(reply === 'true');
    entry.outcome = toOutcome(result);
    return result;
  } catch (error) {
    entry.outcome = 'rejected';
    throw error;
  }
}

function refuseWhenDown({ down }: ChaosState, call: ChaosCall): void {
  if (down) throw new Error(`Chaos on command: the store is down, so ${describeCall(call)} was refused`);
}

function toOutcome(result: unknown): ChaosOutcome {
  return result === false ? 'resolved false' : 'resolved';
}

function describeCall({ op, keys }: ChaosCall): string {
  return `${op}(${keys.join(', ')})`;
}
