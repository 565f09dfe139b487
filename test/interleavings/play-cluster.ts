import { createGuard, type Guard, type Outcome, TransformError } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import type { Scheduler } from 'fast-check';
import { anyDerivatives } from './play.ts';
import { type Fate, noReply, scheduledStore } from './scheduled-store.ts';
import { type Kept, type SharedServerOptions, sharedServer } from './shared-server.ts';
import { virtualTime } from './virtual-time.ts';

/** `small` and `large` succeed if the original is present. `broken` fails then. All of them are cached. */
export type Derivation = 'small' | 'large' | 'broken';

/** An act that starts when the scheduler chooses it. */
export type ClusterAct =
  | { readonly kind: 'ask'; readonly at: number; readonly derivation: Derivation; readonly isCached: boolean }
  | { readonly kind: 'upload'; readonly at: number }
  /** The first upload of an original, which is announced to all processes. It may fail before the original is present. */
  | { readonly kind: 'announce'; readonly at: number; readonly fails: boolean }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'evict'; readonly what: 'marks' | 'records' | 'leases' }
  | { readonly kind: 'wait'; readonly ms: number }
  /** A process ends, and another one starts in its place. */
  | { readonly kind: 'crash'; readonly at: number; readonly losesCalls: boolean }
  | { readonly kind: 'save' }
  | { readonly kind: 'restart'; readonly kept: Kept };

/** All clients act at once. Each of them begins its next act when its last one has ended. */
export interface ClusterPhase {
  readonly clients: readonly (readonly ClusterAct[])[];
  /** The time until the next phase. */
  readonly thenMs: number;
}

export interface ClusterPlay {
  readonly processes: number;
  readonly phases: readonly ClusterPhase[];
  /** The fates of the first writes. The others are fine. */
  readonly fates: readonly Fate[];
  /** The numbers of the steps that come after all others. */
  readonly parked: readonly number[];
}

export interface ClusterOptions extends Pick<SharedServerOptions, 'hasRuns' | 'replaced'> {
  /** Whether a call may take longer than its limit, and a run longer than its lease. */
  readonly mayStall: boolean;
  /** Creates the guards; a core with a fault has another one. */
  readonly create?: typeof createGuard;
}

/** One request. The epoch is the number of visible changes that its outcome knows. */
export interface ClusterStory {
  readonly outcome: Outcome<number>;
  /** `undefined`: the outcome does not depend on the original. */
  readonly epoch: number | undefined;
  /** The epochs that were acknowledged when it began, and how many milliseconds earlier. */
  readonly known: readonly { readonly epoch: number; readonly agoMs: number }[];
}

export interface PlayedCluster {
  readonly stories: readonly ClusterStory[];
  /** Runs and look-ups beside others, in a window, or for a derivative that was made: one line each. */
  readonly extraRuns: readonly string[];
  /** Leases that two had at the same time. */
  readonly sharedLeases: readonly string[];
  /** Leases that were not released. */
  readonly leftLeases: readonly string[];
}

/** The start of a pending mark. Nothing is recorded under it, so each process runs. */
const pendingPrefix = '~';

interface Run {
  /** The runs of the same that were in progress when it began. */
  readonly beside: readonly Run[];
  hasFailed: boolean;
}

interface Process {
  guard: Guard;
  readonly crash: { is: undefined | 'calls are applied' | 'calls are lost' };
  /** Settles when the process crashes. */
  readonly ended: PromiseWithResolvers<undefined>;
}

/** Plays all phases, then sends one more request to every process. Every request must end. */
export async function playCluster(
  scheduler: Scheduler,
  { processes: count, phases, fates, parked }: ClusterPlay,
  { mayStall, create = createGuard, hasRuns, replaced }: ClusterOptions,
): Promise<PlayedCluster> {
  const time = virtualTime({ scheduler, mayStall });
  const clock = time.now;
  const server = sharedServer({ clock, replaced, ...(hasRuns === undefined ? {} : { hasRuns }) });
  const upcoming = [...fates];
  let isHealed = false;
  let steps = 0;
  const paced: Pick<Scheduler, 'schedule'> = {
    async schedule(task, name) {
      steps += 1;
      if (parked.includes(steps)) await time.park();
      return scheduler.schedule(task, name);
    },
  };
  const turn = (name: string) => paced.schedule(Promise.resolve(), name);

  /** By epoch. */
  const isPresent = [false];
  const epochNow = () => isPresent.length - 1;
  const acknowledged: { readonly epoch: number; readonly at: number }[] = [];
  const stories: ClusterStory[] = [];
  const extraRuns: string[] = [];
  const active = new Map<string, Set<Run>>();
  const found = new Set<string>();
  /** The number of announced uploads. */
  let arriving = 0;
  /** The oldest epoch in which a run began under a stamp. */
  const oldestUnder = new Map<string, number>();

  function start(): Process {
    const crash: Process['crash'] = { is: undefined };
    const store = scheduledStore(server.store, {
      scheduler: paced,
      nextFate: () => (isHealed ? 'fine' : (upcoming.shift() ?? 'fine')),
      isDown: () => false,
      connection: server.run,
      crash: () => crash.is,
    });
    const localFallback = memoryStore({ clock });
    const guard = create({
      ...{ store, localFallback, clock, monotonicClock: clock, derivatives: anyDerivatives, random: () => 0 },
    });
    return { guard, crash, ended: Promise.withResolvers() };
  }

  const processes = Array.from({ length: count }, start);
  const at = (index: number): Process => processes[index % count] as Process;

  async function step(process: Process, name: string): Promise<void> {
    await turn(name);
    if (process.crash.is !== undefined) await noReply();
  }

  /** Notes a run that the cluster should not have begun. */
  async function once<T>(keys: readonly string[] | undefined, run: () => Promise<T>): Promise<T> {
    // While an original is on its way, its absence is not held.
    if (keys === undefined || arriving > 0) return run();
    const [name = ''] = keys;
    if (server.made.has(name)) extraRuns.push(`made before: ${name}`);
    for (const key of keys) if ((server.windows.get(key) ?? 0) > clock()) extraRuns.push(`in a window: ${key}`);
    const others = active.get(name) ?? new Set();
    active.set(name, others);
    const own: Run = { beside: [...others], hasFailed: false };
    if (others.size > 0 && !name.startsWith('a')) extraRuns.push(`beside another: ${name}`);
    others.add(own);
    try {
      const value = await run();
      // Other processes cannot use an original that this process has found. So they look for it too, at the same time.
      if (name.startsWith('a')) found.add(name);
      return value;
    } catch (error) {
      own.hasFailed = true;
      const isExtra =
        own.beside.some(({ hasFailed }) => hasFailed) ||
        [...others].some(({ beside, hasFailed }) => hasFailed && beside.includes(own));
      if (isExtra && !found.has(name)) extraRuns.push(`beside another: ${name}`);
      throw error;
    } finally {
      others.delete(own);
    }
  }

  async function find(process: Process): Promise<number> {
    await step(process, 'look');
    const seen = epochNow();
    await step(process, 'saw');
    if (isPresent[seen] !== true) throw new TransformError('missing_original', String(seen));
    return seen;
  }

  async function ask(process: Process, derivation: Derivation, isCached: boolean): Promise<void> {
    const began = clock();
    const known = acknowledged.map(({ epoch: e, at: since }) => ({ epoch: e, agoMs: began - since }));
    const handled = process.guard.handle<number>({
      target: { assets: ['cat'], derivation, version: undefined, isCached },
      take: () => true,
      checksSuccess: true,
      async work(attempt) {
        const { stamp } = attempt;
        const counted = (...names: readonly string[]) =>
          isCached && stamp !== undefined && !stamp.startsWith(pendingPrefix)
            ? names.map((name) => `${name} ${stamp}`)
            : undefined;
        if (stamp !== undefined) oldestUnder.set(stamp, oldestUnder.get(stamp) ?? epochNow());
        return once(counted(`d {cat}:${derivation}`, `p {cat}:${derivation}`), async () => {
          const seen = await attempt.findOriginal(() => once(counted('a {cat}'), () => find(process)));
          await step(process, 'make');
          if (derivation === 'broken') throw new TransformError('bad_transformation', String(seen));
          return seen;
        });
      },
      ...(isCached
        ? {
            async storeValue(value: number) {
              await step(process, 'store');
              return { name: String(value), cachedAt: clock() };
            },
          }
        : {}),
    });
    const outcome = await Promise.race([handled, process.ended.promise]);
    if (outcome !== undefined) stories.push({ outcome, epoch: epochOf(outcome, oldestUnder), known });
  }

  async function change({ guard, crash }: Process, isUpload: boolean): Promise<void> {
    const mine = isPresent.push(isUpload) - 1;
    await guard.changed('cat').then(
      () => {
        if (crash.is === undefined) acknowledged.push({ epoch: mine, at: clock() });
      },
      () => undefined, // A refused change promises nothing.
    );
  }

  async function announce(process: Process, fails: boolean): Promise<void> {
    const { guard } = process;
    if (isPresent.at(-1) === true) return;
    const end = guard.changing('cat');
    arriving += 1;
    const isAnnounced = await guard.announce('cat').then(
      () => true,
      () => false,
    );
    await step(process, 'receive');
    if (isAnnounced && !fails) await change(process, true);
    end();
    arriving -= 1;
  }

  async function perform(act: ClusterAct): Promise<void> {
    if (act.kind === 'ask') return ask(at(act.at), act.derivation, act.isCached);
    if (act.kind === 'announce') {
      const process = at(act.at);
      return Promise.race([announce(process, act.fails), process.ended.promise]);
    }
    if (act.kind === 'upload' || act.kind === 'remove') {
      const process = at(act.at);
      return Promise.race([change(process, act.kind === 'upload'), process.ended.promise]);
    }
    if (act.kind === 'evict') return server.evict(act.what);
    if (act.kind === 'wait') time.advance(act.ms);
    else if (act.kind === 'crash') {
      const process = at(act.at);
      process.crash.is = act.losesCalls ? 'calls are lost' : 'calls are applied';
      process.ended.resolve(undefined);
      processes[act.at % count] = start();
    } else if (act.kind === 'save') await server.save();
    else await server.restart(act.kept);
  }

  async function performAll(acts: readonly ClusterAct[]): Promise<void> {
    for (const act of acts) {
      await turn(act.kind);
      await perform(act);
    }
  }

  try {
    for (const { clients, thenMs } of phases) {
      await time.until(Promise.all(clients.map(performAll)));
      time.advance(thenMs);
    }
    isHealed = true;
    const derivations = ['small', 'large', 'broken'] as const;
    const last = processes.map((process, index) => ask(process, derivations[index] ?? 'small', true));
    await time.until(Promise.all(last));
  } finally {
    time.restore();
  }
  return { stories, extraRuns, sharedLeases: server.sharedLeases, leftLeases: [...server.leases.keys()] };
}

function epochOf(outcome: Outcome<number>, oldestUnder: ReadonlyMap<string, number>): number | undefined {
  if (outcome.kind === 'made') return outcome.value;
  if (outcome.kind === 'cached') return Number(outcome.variant.name);
  if (outcome.kind !== 'failed') return undefined;
  const { fault, failure } = outcome;
  if (fault.code === 'missing_original' || fault.code === 'bad_transformation') return Number(fault.message);
  return failure === undefined ? undefined : oldestUnder.get(failure.stamp);
}
