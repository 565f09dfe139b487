import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CallPlace, callFile, callsFolder, folderPattern, readState, revisionsIn } from './call-files.ts';
import { namesInside, removeLeftover } from './durable-file.ts';

export interface CallSweepOptions {
  readonly root: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly maxCalls: number;
}

interface StoredCall {
  readonly place: CallPlace;
  readonly revisions: readonly number[];
  readonly endsAt: number;
}

const sweepEveryMs = 60_000;
/** A call that has ended can still be replaced. It is removed so much later that no process is doing that. */
const graceMs = 60_000;

/**
 * Creates a function to call after each new call. Once a minute, and after so many new calls, it removes the calls that have
 * ended, and those that end first when there are more than `maxCalls`.
 */
export function createCallSweep({ root, clock, maxCalls }: CallSweepOptions): () => Promise<void> {
  let sweptAt = Number.NEGATIVE_INFINITY;
  let added = 0;
  let sweeping: Promise<void> | undefined;

  async function sweep(): Promise<void> {
    const now = clock();
    sweptAt = now;
    added = 0;
    const calls = await storedCalls(root);
    const ended: StoredCall[] = [];
    const others: StoredCall[] = [];
    for (const call of calls) {
      if (call.endsAt + graceMs <= now && (await hasEnded(call, now))) ended.push(call);
      else others.push(call);
    }
    others.sort((a, b) => a.endsAt - b.endsAt);
    for (const call of [...ended, ...others.slice(0, Math.max(0, others.length - maxCalls))]) await remove(call);
  }

  return async function sweepIfDue() {
    added += 1;
    if (clock() - sweptAt < sweepEveryMs && added <= maxCalls / 10) return;
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
    await sweeping;
  };
}

async function storedCalls(root: string): Promise<readonly StoredCall[]> {
  const calls: StoredCall[] = [];
  const all = callsFolder(root);
  for (const name of await namesInside(root, all)) {
    if (!folderPattern.test(name)) continue;
    const folder = join(all, name);
    for (const [rest, revisions] of revisionsIn(await namesInside(root, folder))) {
      const place = { root, folder, rest };
      const stats = await stat(callFile(place, revisions[0] ?? 0)).catch(() => undefined);
      if (stats !== undefined) calls.push({ place, revisions, endsAt: stats.mtimeMs });
    }
  }
  return calls;
}

/** After a power cut, the time of a file may not be the one that was set. */
async function hasEnded({ place, revisions }: StoredCall, now: number): Promise<boolean> {
  const state = await readState(place, revisions[0] ?? 0).catch(() => 'absent' as const);
  return state === 'damaged' || (state !== 'absent' && state.endsAt + graceMs <= now);
}

/** The highest revision is removed last, so that no process takes an older one for the state. */
async function remove({ place, revisions }: StoredCall): Promise<void> {
  for (const revision of revisions.toReversed()) await removeLeftover(callFile(place, revision));
}
