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

export interface ChaosStore extends Store {
  readonly control: ChaosControl;
}

const storePort = portValue('a Store, such as memoryStore()', ['getMany', 'set', 'delete']);

/**
 * Wraps a store and, on command, delays, fails, evicts or confirms falsely: for tests of what must hold under every
 * interleaving. Without a command every call goes straight through. It has no timers: the test that commands a wait
 * also ends it.
 *
 * @throws TypeError when it is not given a store
 */
export function chaosStore(store: Store): ChaosStore {
  checkValue('chaosStore(): the first argument', store, storePort);
  const state: ChaosState = { rules: chaosRules(), contents: chaosContents(store), calls: [], down: false };
  const { contents } = state;
  return {
    control: chaosControl(state),
    getMany: (keys) =>
      suffer(
        state,
        { op: 'getMany', keys },
        {
          apply: () => store.getMany(keys),
          pretend: () => keys.map(() => undefined),
        },
      ),
    set: (key, value, ttlMs) =>
      suffer(
        state,
        { op: 'set', keys: [key], value },
        {
          apply: () => contents.set(key, value, ttlMs),
          pretend: (reply) => reply,
        },
      ),
    delete: (key) =>
      suffer(
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
  apply(): Promise<Result>;
  pretend(reply: boolean): Result;
}

async function suffer<Result>(
  state: ChaosState,
  call: ChaosCall,
  { apply, pretend }: CallEffects<Result>,
): Promise<Result> {
  const entry: OpenLogEntry = { ...call, outcome: 'under way', applied: 0 };
  state.calls.push(entry);
  const applyAndCount = async (): Promise<Result> => {
    const response = await apply();
    entry.applied += 1;
    return response;
  };
  try {
    refuseWhenDown(state, call);
    const effects = state.rules.effectsOn(call);
    for (const { before } of effects) await before?.(call);
    refuseWhenDown(state, call);
    let response = effects.some(({ dropped }) => dropped) ? pretend(false) : await applyAndCount();
    for (const { repeatable } of effects) repeatable?.(async () => void (await applyAndCount()));
    for (const { after } of effects) await after?.(call);
    refuseWhenDown(state, call);
    const reply = effects.find((effect) => effect.reply !== undefined)?.reply;
    if (reply === 'reject') throw new Error(`Chaos on command: the answer of ${describeCall(call)} was lost`);
    if (reply !== undefined) response = pretend(reply === 'true');
    entry.outcome = toOutcome(response);
    return response;
  } catch (error) {
    entry.outcome = 'rejected';
    throw error;
  }
}

function refuseWhenDown({ down }: ChaosState, call: ChaosCall): void {
  if (down) throw new Error(`Chaos on command: the store is down, so ${describeCall(call)} was refused`);
}

function toOutcome(response: unknown): ChaosOutcome {
  return response === false ? 'answered false' : 'answered';
}

function describeCall({ op, keys }: ChaosCall): string {
  return `${op}(${keys.join(', ')})`;
}
