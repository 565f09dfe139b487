import assert from 'node:assert/strict';
import { createGuard, type Derivatives, type Guard, type Outcome, type Target, TransformError } from '@safelight/core';
import { memoryDerivatives, memoryStore } from '@safelight/stores';
import fc, { type Scheduler } from 'fast-check';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';
import { scheduledDerivatives } from './scheduled-derivatives.ts';
import { type Fate, repeated, scheduledStore } from './scheduled-store.ts';

const target: Target = { assets: ['cat'], derivation: 'w_1', version: undefined, isCached: true };
const freshMs = 10_000;

type Act =
  | { readonly kind: 'ask'; readonly at: number; readonly succeeds: boolean }
  | { readonly kind: 'change'; readonly at: number }
  | { readonly kind: 'evict'; readonly what: 'g:' | 'd:' }
  | { readonly kind: 'wait'; readonly ms: number };

interface Play {
  readonly acts: readonly Act[];
  readonly fates: readonly Fate[];
  /** For each opening, in turn and repeatedly, whether the bytes were evicted. */
  readonly gone: readonly boolean[];
  readonly processes: number;
  /** Whether a cached derivative has a freshness lifetime, as a handler's response has. */
  readonly hasFreshness: boolean;
  /** Whether a derivative is cached at the beginning. */
  readonly hasCached: boolean;
  /** Whether each process has its own place for derivatives. */
  readonly hasOwnPlaces: boolean;
}

/** The outcome of one request, and the epoch that its run saw. The epoch is the number of visible changes. */
interface Story {
  readonly known: number;
  readonly outcome: Outcome<number>;
  readonly epoch: number;
}

/** Plays all acts at once, in an order that the scheduler chooses, then sends one more request to every process. */
async function play(
  scheduler: Scheduler,
  { acts, fates, gone, processes, hasFreshness, hasCached, hasOwnPlaces }: Play,
): Promise<readonly Story[]> {
  let now = 1_800_000_000_000;
  let epoch = 0;
  let acknowledged = 0;
  let opened = 0;
  const clock = () => now;
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);
  const memory = memoryStore({ clock });
  const keys = new Set<string>();
  const noting = { ...memory, set: (...call: Parameters<typeof memory.set>) => memory.set(...noted(call)) };
  const noted = (call: Parameters<typeof memory.set>) => {
    keys.add(call[0]);
    return call;
  };
  const { getMany, set, delete: remove } = noting;
  const evicts = () => gone.length > 0 && gone[opened++ % gone.length] === true;
  const openPlace = () => scheduledDerivatives(memoryDerivatives(), { scheduler, evicts });
  const shared = openPlace();
  const places = Array.from({ length: processes }, () => (hasOwnPlaces ? openPlace() : shared));
  const guards = places.map((derivatives) => {
    const store = scheduledStore(
      { getMany, set, delete: remove },
      { scheduler, nextFate: repeated(fates), isDown: () => false },
    );
    return createGuard({ store, derivatives, clock });
  });
  const guardAt = (at: number) => guards[at % processes] as Guard;
  const stories: Story[] = [];

  async function look(): Promise<number> {
    await turn('look');
    const seen = epoch;
    await turn('saw');
    return seen;
  }

  async function ask(at: number, succeeds: boolean): Promise<void> {
    const known = acknowledged;
    const outcome = await guardAt(at).handle<number>({
      target,
      take: () => true,
      checksSuccess: true,
      work: async () => {
        const seen = await look();
        if (!succeeds) throw new TransformError('handler_failed', String(seen));
        return seen;
      },
      async storeValue(seen) {
        const draft = (places[at % processes] as Derivatives).create();
        draft.write(Buffer.from(`made in epoch ${seen}`));
        draft.end();
        const name = await draft.store({ epoch: seen });
        const freshness = {
          freshUntil: now + freshMs,
          whileRevalidatingUntil: now + 2 * freshMs,
          ifErrorUntil: now + 1e9,
        };
        return name === undefined ? undefined : { name, cachedAt: now, ...(hasFreshness ? freshness : {}) };
      },
    });
    stories.push({ known, outcome, epoch: epochOf(outcome) });
  }

  async function change(at: number): Promise<void> {
    epoch += 1;
    const mine = epoch;
    await guardAt(at)
      .changed('cat')
      .then(
        () => {
          acknowledged = Math.max(acknowledged, mine);
        },
        () => undefined,
      );
  }

  async function perform(act: Act): Promise<void> {
    if (act.kind === 'ask') await ask(act.at, act.succeeds);
    else if (act.kind === 'change') await change(act.at);
    else if (act.kind === 'wait') now += act.ms;
    else for (const key of keys) if (key.startsWith(act.what)) await memory.delete(key);
  }

  if (hasCached) {
    await scheduler.waitFor(ask(0, true));
    await scheduler.waitIdle();
  }
  await scheduler.waitFor(Promise.all(acts.map((act) => turn(act.kind).then(() => perform(act)))));
  await scheduler.waitFor(Promise.all(guards.map((_, at) => ask(at, true))));
  return stories;
}

function epochOf(outcome: Outcome<number>): number {
  if (outcome.kind === 'made') return outcome.value;
  if (outcome.kind === 'cached') return outcome.cached.head['epoch'] as number;
  return outcome.kind === 'failed' ? Number(outcome.fault.message) : Number.POSITIVE_INFINITY;
}

const at = fc.constantFrom(0, 0, 1, 2);
const asks = fc.record({ kind: fc.constant('ask' as const), at, succeeds: fc.boolean() });
const changes = fc.record({ kind: fc.constant('change' as const), at });
const evictions = fc.record({
  kind: fc.constant('evict' as const),
  what: fc.constantFrom('g:' as const, 'd:' as const),
});
const waits = fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1001, freshMs, 60_000) });
const some = (what: fc.Arbitrary<Act>, minLength: number, maxLength: number) =>
  fc.array(what, { minLength, maxLength });
const plays: fc.Arbitrary<Play> = fc.record({
  acts: fc
    .tuple(some(asks, 2, 4), some(changes, 1, 2), some(evictions, 0, 2), some(waits, 0, 3))
    .map((groups) => groups.flat()),
  fates: fc.array(fc.constantFrom<Fate>('fine', 'fine', 'lost', 'unconfirmed', 'late', 'twice'), { maxLength: 6 }),
  gone: fc.array(fc.boolean(), { maxLength: 4 }),
  processes: fc.integer({ min: 1, max: 3 }),
  hasFreshness: fc.boolean(),
  hasCached: fc.boolean(),
  hasOwnPlaces: fc.boolean(),
});

describe('cached derivatives, in any order', function () {
  this.timeout(60_000);

  it('no request gets a derivative or a failure from before a change, if the change was acknowledged before the request', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), plays, async (scheduler, given) => {
        for (const { known, epoch } of await play(scheduler, given)) assert.ok(epoch >= known);
      }),
      { numRuns: repetitionsOfRun({ first: 250, all: 1000 }) },
    ));

  it('the bytes belong to the record that names them', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), plays, async (scheduler, given) => {
        for (const { outcome, epoch } of await play(scheduler, given)) {
          if (outcome.kind === 'cached') assert.equal(String(outcome.cached.body), `made in epoch ${epoch}`);
        }
      }),
      { numRuns: repetitionsOfRun({ first: 75, all: 300 }) },
    ));

  it('a stale derivative replaces a failure until its bound, and no longer', async () => {
    let now = 1_800_000_000_000;
    const derivatives = memoryDerivatives();
    const guard = createGuard({ store: memoryStore({ clock: () => now }), derivatives, clock: () => now });
    const ask = async (fails?: 'handler_failed' | 'missing_original') =>
      guard.handle<string>({
        target,
        take: () => true,
        checksSuccess: true,
        work: async () => {
          if (fails !== undefined) throw new TransformError(fails, 'No.');
          return 'picture';
        },
        async storeValue() {
          const draft = derivatives.create();
          draft.write(Buffer.from('picture'));
          draft.end();
          const name = await draft.store({});
          if (name === undefined) return undefined;
          return {
            name,
            cachedAt: now,
            freshUntil: now + 10,
            whileRevalidatingUntil: now + 10,
            ifErrorUntil: now + 5000,
          };
        },
      });
    const seen = (outcome: Outcome<string>) =>
      outcome.kind === 'cached'
        ? `cached, ${outcome.state}`
        : outcome.kind === 'failed'
          ? outcome.fault.code
          : outcome.kind;
    assert.equal(seen(await ask()), 'made');
    await new Promise(setImmediate);
    assert.equal(seen(await ask('handler_failed')), 'cached, fresh');
    now += 10;
    assert.equal(seen(await ask('handler_failed')), 'cached, failed', 'the run has failed just now');
    assert.equal(seen(await ask()), 'cached, failed', 'its failure is held');
    now += 1000;
    assert.equal(seen(await ask('handler_failed')), 'cached, failed', 'and once more');
    now += 3989;
    assert.equal(seen(await ask('handler_failed')), 'cached, failed', 'to the last millisecond');
    now += 1;
    assert.equal(seen(await ask()), 'handler_failed', 'then the failure itself is held');
    now += 60_000;
    assert.equal(seen(await ask()), 'made');
    await new Promise(setImmediate);
    now += 10;
    assert.equal(
      seen(await ask('missing_original')),
      'missing_original',
      'a stale derivative does not replace a missing original',
    );
  });
});
