import assert from 'node:assert/strict';
import { createGuard, type Guard, type Outcome, type Target, TransformError } from '@safelight/core';
import { memoryDerivatives, memoryStore } from '@safelight/stores';
import fc, { type Scheduler } from 'fast-check';
import { scheduledDerivatives } from './scheduled-derivatives.ts';
import { type Fate, scheduledStore } from './scheduled-store.ts';

const target: Target = { assets: ['cat'], derivation: 'w_1', version: undefined, isCached: true };
const LIFE_MS = 10_000;

type Act =
  | { readonly kind: 'ask'; readonly at: number; readonly succeeds: boolean }
  | { readonly kind: 'change'; readonly at: number }
  | { readonly kind: 'evict'; readonly what: 'g:' | 'd:' }
  | { readonly kind: 'wait'; readonly ms: number };

interface Play {
  readonly acts: readonly Act[];
  readonly fates: readonly Fate[];
  /** Which openings find that the bytes are gone, over and over. */
  readonly gone: readonly boolean[];
  readonly processes: number;
  /** Whether what is kept has a life of its own, as a handler's answer has. */
  readonly hasLife: boolean;
  /** Whether something is kept to begin with. */
  readonly hasCached: boolean;
}

/** What one request was answered with: the epoch that the run behind it saw. An epoch counts the visible changes. */
interface Story {
  readonly known: number;
  readonly outcome: Outcome<number>;
  readonly epoch: number;
}

/** Plays all acts at once, in whatever order the scheduler likes, then asks every process once more. */
async function play(
  scheduler: Scheduler,
  { acts, fates, gone, processes, hasLife, hasCached }: Play,
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
  const derivatives = scheduledDerivatives(memoryDerivatives(), { scheduler, evicts });
  const guards = Array.from({ length: processes }, () => {
    const store = scheduledStore({ getMany, set, delete: remove }, { scheduler, fates, isDown: () => false });
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
        const draft = derivatives.create();
        draft.write(Buffer.from(`made in epoch ${seen}`));
        draft.end();
        const name = await draft.store({ epoch: seen });
        const life = { freshUntil: now + LIFE_MS, whileRevalidatingUntil: now + 2 * LIFE_MS, ifErrorUntil: now + 1e9 };
        return name === undefined ? undefined : { name, cachedAt: now, ...(hasLife ? life : {}) };
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
const waits = fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1001, LIFE_MS, 60_000) });
const some = (what: fc.Arbitrary<Act>, minLength: number, maxLength: number) =>
  fc.array(what, { minLength, maxLength });
const plays: fc.Arbitrary<Play> = fc.record({
  acts: fc
    .tuple(some(asks, 2, 4), some(changes, 1, 2), some(evictions, 0, 2), some(waits, 0, 3))
    .map((groups) => groups.flat()),
  fates: fc.array(fc.constantFrom<Fate>('fine', 'fine', 'lost', 'unconfirmed', 'late', 'twice'), { maxLength: 6 }),
  gone: fc.array(fc.boolean(), { maxLength: 4 }),
  processes: fc.integer({ min: 1, max: 3 }),
  hasLife: fc.boolean(),
  hasCached: fc.boolean(),
});

describe('what is kept, in any order', function () {
  this.timeout(60_000);

  it('nobody is given what was made, or failed, before a change that was acknowledged before they asked', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), plays, async (scheduler, given) => {
        for (const { known, epoch } of await play(scheduler, given)) assert.ok(epoch >= known);
      }),
      { numRuns: 1000 },
    ));

  it('the bytes are those that were made for what is said of them', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), plays, async (scheduler, given) => {
        for (const { outcome, epoch } of await play(scheduler, given)) {
          if (outcome.kind === 'cached') assert.equal(String(outcome.cached.body), `made in epoch ${epoch}`);
        }
      }),
      { numRuns: 300 },
    ));

  it('a stale one stands in for a failure within its bound, and no longer', async () => {
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
        ? `kept, ${outcome.state}`
        : outcome.kind === 'failed'
          ? outcome.fault.code
          : outcome.kind;
    assert.equal(seen(await ask()), 'made');
    await new Promise(setImmediate);
    assert.equal(seen(await ask('handler_failed')), 'kept, fresh');
    now += 10;
    assert.equal(seen(await ask('handler_failed')), 'kept, failed', 'the run has failed just now');
    assert.equal(seen(await ask()), 'kept, failed', 'its failure is held');
    now += 1000;
    assert.equal(seen(await ask('handler_failed')), 'kept, failed', 'and once more');
    now += 3989;
    assert.equal(seen(await ask('handler_failed')), 'kept, failed', 'to the last millisecond');
    now += 1;
    assert.equal(seen(await ask()), 'handler_failed', 'then the failure itself is held');
    now += 60_000;
    assert.equal(seen(await ask()), 'made');
    await new Promise(setImmediate);
    now += 10;
    assert.equal(seen(await ask('missing_original')), 'missing_original', 'what is missing is not painted over');
  });
});
