import type { ChaosCall } from './chaos-rules.ts';
import type { ChaosOutcome, ChaosState, OpenLogEntry } from './chaos-state.ts';

export interface CallEffects<Result> {
  /** Calls the wrapped store. */
  apply(): Promise<Result>;
  /** The result of a call that was not applied. */
  pretend(reply: boolean): Result;
}

/** Makes one call, with the effects of the commands that are in force. */
export async function callWithChaos<Result>(
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
