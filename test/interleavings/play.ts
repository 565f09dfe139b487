import { createGuard, type Derivatives, type Guard, type Outcome, TransformError } from '@safelight/core';
import { type MemoryStoreOptions, memoryStore } from '@safelight/stores';
import type { Scheduler } from 'fast-check';
import { type Fate, repeated, scheduledStore } from './scheduled-store.ts';

/** An act that starts when the scheduler chooses it. */
export type Act =
  | { readonly kind: 'ask'; readonly at: number; readonly derivation: 'w_1' | 'w_2'; readonly finds: boolean }
  /** Requests a derivation that succeeds and is cached. */
  | { readonly kind: 'askCached'; readonly at: number }
  /** Another asset is found missing, or changes: its record takes room in the store. */
  | { readonly kind: 'askOther' | 'changeOther'; readonly at: number; readonly asset: string }
  | { readonly kind: 'change'; readonly at: number }
  | { readonly kind: 'evict'; readonly what: 'marks' | 'failures' }
  | { readonly kind: 'wait'; readonly ms: number }
  /** One process loses its connection to the store, or gets it back. */
  | { readonly kind: 'cut' | 'mend'; readonly at: number };

export interface Play {
  readonly acts: readonly Act[];
  readonly fates: readonly Fate[];
  readonly processes: number;
  readonly tolerant: boolean;
  /** Whether the asset has a mark at the beginning. @default false */
  readonly hasMark?: boolean;
  /** The process that cannot reach the store at the beginning. */
  readonly cutOff?: number;
  /** All guards are in one process and use its memory store directly. */
  readonly embedded?: Pick<MemoryStoreOptions, 'maxEntries' | 'maxMarks' | 'maxCachedBytes'>;
}

/** One request. The epoch is the number of visible changes; the outcome of a run names the epoch that the run saw. */
export interface Story {
  /** The epochs that were acknowledged when it began, and how many milliseconds earlier. */
  readonly known: readonly { readonly epoch: number; readonly agoMs: number }[];
  readonly outcome: Outcome<number>;
  readonly epoch: number;
}

export interface Played {
  readonly stories: readonly Story[];
  /** The number of look-ups of the original, by process and stamp. */
  readonly searches: ReadonlyMap<string, number>;
  /** The number of runs, by process, derivation and stamp. */
  readonly runs: ReadonlyMap<string, number>;
}

/** Plays all acts at once, in an order that the scheduler chooses, then sends one more request to every process. */
export async function play(
  scheduler: Scheduler,
  { acts, fates, processes, tolerant, hasMark = false, cutOff: first, embedded }: Play,
): Promise<Played> {
  let now = 1_800_000_000_000;
  let epoch = 0;
  const cutOff = new Set(first === undefined ? [] : [first]);
  const clock = (): number => now;
  const memory = memoryStore({ clock, ...embedded });
  const keys = new Set<string>();
  const noting = {
    ...memory,
    set: (...call: Parameters<typeof memory.set>) => {
      keys.add(call[0]);
      return memory.set(...call);
    },
  };
  const guards = Array.from({ length: processes }, (_, index) =>
    createGuard({
      store: embedded
        ? noting
        : scheduledStore(noting, { scheduler, nextFate: repeated(fates), isDown: () => cutOff.has(index) }),
      clock,
      derivatives: anyDerivatives,
      ...(tolerant ? { localFallback: memoryStore({ clock }) } : {}),
    }),
  );
  const acknowledged: { readonly epoch: number; readonly at: number }[] = [];
  const stories: Story[] = [];
  const searches = new Map<string, number>();
  const runs = new Map<string, number>();
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);
  const guardAt = (at: number): Guard => guards[at % processes] as Guard;

  async function look(): Promise<number> {
    await turn('look');
    const seen = epoch;
    await turn('saw');
    return seen;
  }

  async function ask({ at, derivation, finds }: Extract<Act, { kind: 'ask' }>): Promise<void> {
    const known = acknowledged.map(({ epoch: e, at: since }) => ({ epoch: e, agoMs: now - since }));
    const outcome = await guardAt(at).handle<number>({
      target: { assets: ['cat'], derivation, version: undefined },
      take: () => true,
      checksSuccess: true,
      async work(attempt) {
        const { stamp } = attempt;
        count(runs, `${at % processes} ${derivation} ${stamp}`);
        if (!finds) throw new TransformError('bad_transformation', String(await look()));
        return attempt.findOriginal(async () => {
          count(searches, `${at % processes} ${stamp}`);
          throw new TransformError('missing_original', String(await look()));
        });
      },
    });
    if (outcome.kind === 'failed') stories.push({ known, outcome, epoch: Number(outcome.fault.message) });
  }

  async function askCached(at: number): Promise<void> {
    const known = acknowledged.map(({ epoch: e, at: since }) => ({ epoch: e, agoMs: now - since }));
    const outcome = await guardAt(at).handle<number>({
      target: { assets: ['cat'], derivation: 'cached', version: undefined, isCached: true },
      take: () => true,
      checksSuccess: true,
      work: look,
      async storeValue(value) {
        await turn('store');
        return { name: String(value), cachedAt: now };
      },
    });
    if (outcome.kind === 'made') stories.push({ known, outcome, epoch: outcome.value });
    if (outcome.kind === 'cached') stories.push({ known, outcome, epoch: Number(outcome.variant.name) });
  }

  async function askOther(at: number, asset: string): Promise<void> {
    await guardAt(at).handle<never>({
      target: { assets: [asset], derivation: 'w_1', version: undefined },
      take: () => true,
      checksSuccess: true,
      work: () => Promise.reject(new TransformError('missing_original', asset)),
    });
  }

  async function change(at: number): Promise<void> {
    epoch += 1;
    const mine = epoch;
    await guardAt(at)
      .changed('cat')
      .then(
        () => acknowledged.push({ epoch: mine, at: now }),
        () => undefined, // A refused change promises nothing.
      );
  }

  async function perform(act: Act): Promise<void> {
    if (act.kind === 'ask') return ask(act);
    if (act.kind === 'askCached') return askCached(act.at);
    if (act.kind === 'askOther') return askOther(act.at, act.asset);
    if (act.kind === 'change') return change(act.at);
    if (act.kind === 'changeOther') return guardAt(act.at).changed(act.asset);
    if (act.kind === 'wait') now += act.ms;
    else if (act.kind === 'evict') {
      const isMeant = (key: string) => key.startsWith('g:') === (act.what === 'marks');
      for (const key of [...keys].filter(isMeant)) await memory.delete(key);
    } else if (act.kind === 'cut') cutOff.add(act.at % processes);
    else cutOff.delete(act.at % processes);
  }

  if (hasMark) await scheduler.waitFor(guardAt(0).changed('cat'));
  const performances = acts.map((act) => turn(act.kind).then(() => perform(act)));
  await scheduler.waitFor(Promise.all(performances));
  const last = guards.flatMap((_, at) => [ask({ kind: 'ask', at, derivation: 'w_1', finds: true }), askCached(at)]);
  await scheduler.waitFor(Promise.all(last));
  return { stories, searches, runs };
}

/** Stores only names; a name is the epoch that the run saw. */
export const anyDerivatives: Derivatives = {
  open: (name) => ({ head: {}, bytes: 0, digest: name, body: Buffer.alloc(0), read: never, release: () => {} }),
  create: never,
  remove: async () => {},
};

function never(): never {
  throw new Error('This function should not be called.');
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
