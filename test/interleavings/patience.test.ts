/** In these tests the clock and the timers of the guard move only together, and only by `pass`. */

import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { abandoned, createGuard, missingOriginal, type Outcome } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import fc, { type Scheduler } from 'fast-check';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';
import { seen, setScene, settle } from './scene.ts';
import { repeated, scheduledStore } from './scheduled-store.ts';

const maxPendingMs = 5000;

describe('how long a request waits for a missing original', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  function setWait() {
    const { advance, guards, ...scene } = setScene();
    const [guard] = guards;
    assert.ok(guard);
    const pass = async (ms: number): Promise<void> => {
      await settle();
      advance(ms);
      mock.timers.tick(ms);
      await settle();
    };
    return { ...scene, guard, pass };
  }

  it('counts from its own start, not from that of an earlier request', async () => {
    const { ask, guard, upload, pass } = setWait();
    const over = guard.changing('cat');
    const first = ask();
    await pass(maxPendingMs - 1000);
    const later = [ask(), ask({ derivation: 'w_2' })];
    await pass(1000);
    assert.equal(seen(await first), 'pending');
    await pass(1000);
    await upload();
    over();
    assert.deepEqual((await Promise.all(later)).map(seen), ['made', 'made']);
  });

  it('does not get longer when a second upload follows', async () => {
    const { ask, guard, pass } = setWait();
    const failing = guard.changing('cat');
    const asked = ask();
    await pass(maxPendingMs - 1000);
    guard.changing('cat');
    failing();
    await pass(1000);
    assert.equal(seen(await asked), 'pending');
  });

  it('continues with the next upload when the first one has failed', async () => {
    const { ask, guard, upload } = setWait();
    const failing = guard.changing('cat');
    const asked = ask();
    await settle();
    failing();
    const over = guard.changing('cat');
    await settle();
    await upload();
    over();
    assert.equal(seen(await asked), 'made');
  });

  it('is the same for requests that do not share a result: they do not wait one after the other', async () => {
    const { guard, pass } = setWait();
    guard.changing('cat');
    const asked = Array.from({ length: 5 }, () =>
      guard.handle<string>({
        target: { assets: ['cat'], derivation: 'w_1', version: undefined },
        take: () => false,
        checksSuccess: false,
        work: (attempt) => attempt.changeEnds()?.then(() => abandoned) ?? Promise.resolve('picture'),
      }),
    );
    await pass(maxPendingMs);
    assert.deepEqual((await Promise.all(asked)).map(seen), ['made', 'made', 'made', 'made', 'made']);
  });

  it('leaves no timer behind that would prevent a process from ending', async () => {
    mock.timers.reset();
    await settle();
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    const { ask, guards } = setScene({ maxPendingMs: 20 });
    guards[0]?.changing('cat');
    assert.equal(seen(await ask()), 'pending');
    await settle();
    assert.ok(timers() <= before, `${timers()} instead of ${before}`);
  });

  it('must be shorter than the timeout of a run, otherwise a waiting request would time out', () => {
    const store = memoryStore();
    assert.throws(() => createGuard({ store, timeoutMs: 5000, maxPendingMs: 5000 }), /maxPendingMs \(5000\)/);
    assert.doesNotThrow(() => createGuard({ store, timeoutMs: 100 }));
  });
});

type Act =
  | { readonly kind: 'ask'; readonly derivation: string }
  | { readonly kind: 'upload'; readonly end: 'confirmed' | 'given up' | 'stalled'; readonly steps: number }
  | { readonly kind: 'pass'; readonly ms: number };

interface Told {
  readonly outcome: Outcome<string>;
  /** Whether an upload was under way all the time from the request to its outcome. */
  readonly throughout: boolean;
  readonly tookMs: number;
}

/** Plays requests with uploads that succeed, fail or stall; the scheduler chooses the order. */
async function play(scheduler: Scheduler, acts: readonly Act[], isHeldBefore: boolean) {
  let now = 1_800_000_000_000;
  let isPresent = false;
  let arriving = 0;
  let gaps = 0;
  const clock = () => now;
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);
  const store = scheduledStore(memoryStore({ clock }), { scheduler, nextFate: repeated([]), isDown: () => false });
  const guard = createGuard({ store, clock, maxPendingMs });
  const told: Told[] = [];
  const stalled: (() => void)[] = [];

  async function upload({ end, steps }: Extract<Act, { kind: 'upload' }>): Promise<void> {
    arriving += 1;
    const over = guard.changing('cat');
    for (let i = 0; i < steps; i += 1) await turn('bytes');
    if (end === 'stalled') return void stalled.push(() => ended(over));
    if (end === 'confirmed') {
      isPresent = true;
      await guard.changed('cat');
    }
    ended(over);
  }

  function ended(over: () => void): void {
    arriving -= 1;
    if (arriving === 0) gaps += 1;
    over();
  }

  async function ask(derivation: string): Promise<void> {
    const gapsBefore = arriving > 0 ? gaps : undefined;
    const askedAt = now;
    const outcome = await guard.handle<string>({
      target: { assets: ['cat'], derivation, version: undefined },
      take: () => true,
      checksSuccess: true,
      work: (attempt) =>
        attempt.findOriginal(async () => {
          await turn('look');
          const found = isPresent;
          await turn('saw');
          if (!found) throw missingOriginal('cat');
          return 'cat';
        }),
    });
    told.push({ outcome, throughout: gapsBefore === gaps, tookMs: now - askedAt });
  }

  function pass(ms: number): void {
    now += ms;
    mock.timers.tick(ms);
  }

  if (isHeldBefore) await scheduler.waitFor(ask('w_1'));
  const asked = told.length + acts.filter(({ kind }) => kind === 'ask').length;
  for (const act of acts) {
    void turn(act.kind).then(() => {
      if (act.kind === 'ask') return ask(act.derivation);
      return act.kind === 'upload' ? upload(act) : pass(act.ms);
    });
  }
  await scheduler.waitIdle();
  const waiting = asked - told.length;
  pass(maxPendingMs);
  await scheduler.waitIdle();
  const inTime = told.length === asked;
  for (const giveUp of stalled) giveUp();
  void ask('last');
  await scheduler.waitIdle();
  return { told, inTime, waiting, isPresent, isStalled: stalled.length > 0 };
}

describe('how long a request waits for a missing original, in any order', function () {
  this.timeout(60_000);
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  const ask = fc.record({ kind: fc.constant('ask' as const), derivation: fc.constantFrom('w_1', 'w_2') });
  const upload = fc.record({
    kind: fc.constant('upload' as const),
    end: fc.constantFrom('confirmed' as const, 'given up' as const, 'stalled' as const),
    steps: fc.integer({ min: 0, max: 4 }),
  });
  const pass = fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 2500, maxPendingMs) });
  const some = (what: fc.Arbitrary<Act>, minLength: number, maxLength: number) =>
    fc.array(what, { minLength, maxLength });
  const plays = fc.tuple(some(ask, 1, 4), some(upload, 1, 3), some(pass, 0, 3)).map((groups) => groups.flat());

  it('is bounded; during an upload no request gets "missing"; after it no request gets "pending"', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), plays, fc.boolean(), async (scheduler, acts, isHeldBefore) => {
        const { told, inTime, waiting, isPresent, isStalled } = await play(scheduler, acts, isHeldBefore);
        assert.ok(inTime, 'maxPendingMs after the last act all requests have an outcome');
        assert.ok(waiting === 0 || isStalled, 'no request waits for an upload that has ended');
        for (const { outcome, throughout, tookMs } of told) {
          if (throughout) assert.notEqual(seen(outcome), 'missing_original');
          if (seen(outcome) !== 'pending') continue;
          assert.ok(outcome.kind === 'failed' && outcome.failure === undefined && !outcome.storable);
          assert.ok(tookMs >= maxPendingMs, `pending after only ${tookMs} ms`);
        }
        assert.equal(seen((told.at(-1) as Told).outcome), isPresent ? 'made' : 'missing_original');
      }),
      { numRuns: repetitionsOfRun({ first: 250, all: 1000 }) },
    ));
});
