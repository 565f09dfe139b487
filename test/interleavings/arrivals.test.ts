import assert from 'node:assert/strict';
import { createGuard, type Guard, missingOriginal, type Outcome, TransformError } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import fc, { type Scheduler } from 'fast-check';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';
import { rungOf, seen, setScene, settle } from './scene.ts';
import { repeated, scheduledStore } from './scheduled-store.ts';

describe('requests wait for an original that is arriving', () => {
  it('all derivations wait, with one look-up, and are made when the original is confirmed', async () => {
    const { ask, guards, upload, world } = setScene();
    const over = guards[0]?.changing('cat');
    const asked = Promise.all(['w_1', 'w_2', 'w_3'].map((derivation) => ask({ derivation })));
    await settle();
    assert.deepEqual(world.searches, ['cat']);
    await upload();
    over?.();
    assert.deepEqual((await asked).map(seen), ['made', 'made', 'made']);
    assert.equal(world.searches.length, 2);
  });

  it('a held absence does not count during the upload', async () => {
    const { ask, guards, upload, advance } = setScene();
    assert.equal(rungOf(await ask()), 1);
    const over = guards[0]?.changing('cat');
    const asked = ask();
    await settle();
    await upload();
    over?.();
    assert.equal(seen(await asked), 'made');
    advance(1);
  });

  it('when the upload fails, all waiting requests get the failure at once', async () => {
    const { ask, guards } = setScene();
    const over = guards[0]?.changing('cat');
    const asked = Promise.all([ask(), ask({ derivation: 'w_2' })]);
    await settle();
    over?.();
    const outcomes = await asked;
    assert.deepEqual(outcomes.map(seen), ['missing_original', 'missing_original']);
    assert.deepEqual(outcomes.map(rungOf), [1, 1]);
  });

  it('T22: no failure is recorded during the upload, and none after the longest wait', async () => {
    const { ask, guards, upload, now } = setScene({ maxPendingMs: 20 });
    const over = guards[0]?.changing('cat');
    const timedOut = await ask();
    assert.equal(seen(timedOut), 'pending');
    assert.ok(timedOut.kind === 'failed' && timedOut.failure === undefined && !timedOut.storable);
    const failing = await ask({ fails: new TransformError('bad_request', 'No.'), derivation: 'w_2' });
    assert.ok(failing.kind === 'failed' && failing.failure === undefined, 'other failures are not recorded either');
    const found = await guards[0]?.inspect({ assets: ['cat'], derivation: 'w_300', version: undefined });
    assert.deepEqual([found?.absence, found?.permanent, found?.transient], [undefined, undefined, undefined]);
    await upload();
    over?.();
    assert.equal(seen(await ask()), 'made');
    assert.ok(now() > 0);
  });

  it('T23: the wait ends only after the new mark is confirmed, so that no request gets the held absence', async () => {
    const { ask, guards, chaos, world } = setScene();
    assert.equal(seen(await ask()), 'missing_original');
    const over = guards[0]?.changing('cat');
    world.present.add('cat');
    const renewal = chaos.park({ op: 'set', key: /^g:/, when: 'before' });
    const acknowledged = guards[0]?.changed('cat').then(() => over?.());
    await renewal.reached;
    const asked = ask();
    await settle();
    renewal.release();
    await acknowledged;
    assert.equal(seen(await asked), 'made');
  });

  it('several uploads of one asset: the wait ends with the last one', async () => {
    const { ask, guards, upload } = setScene();
    const [first, second] = [guards[0]?.changing('cat'), guards[0]?.changing('cat')];
    const asked = ask();
    first?.();
    first?.();
    await settle();
    await upload();
    second?.();
    assert.equal(seen(await asked), 'made');
  });

  it('requests for other assets do not wait', async () => {
    const { ask, guards } = setScene();
    const over = guards[0]?.changing('dog');
    assert.equal(seen(await ask()), 'missing_original');
    over?.();
  });
});

type Act =
  | { readonly kind: 'ask'; readonly derivation: string }
  | { readonly kind: 'upload'; readonly succeeds: boolean; readonly steps: number };

/** Plays uploads, of which some fail, and requests at the same time; the scheduler chooses the order. */
async function play(scheduler: Scheduler, acts: readonly Act[]) {
  let isPresent = false;
  let arriving = 0;
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);
  const store = scheduledStore(memoryStore(), { scheduler, nextFate: repeated([]), isDown: () => false });
  const guard: Guard = createGuard({ store });
  const told: { readonly outcome: Outcome<string>; readonly during: boolean; readonly present: boolean }[] = [];

  async function upload({ succeeds, steps }: Extract<Act, { kind: 'upload' }>): Promise<void> {
    arriving += 1;
    const over = guard.changing('cat');
    for (let i = 0; i < steps; i += 1) await turn('bytes');
    if (succeeds) {
      isPresent = true;
      await guard.changed('cat');
    }
    arriving -= 1;
    over();
  }

  async function ask(derivation: string): Promise<void> {
    const before = { during: arriving > 0, present: isPresent };
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
    told.push({ outcome, ...before });
  }

  const performed = acts.map((act) =>
    turn(act.kind).then(() => (act.kind === 'ask' ? ask(act.derivation) : upload(act))),
  );
  await scheduler.waitFor(Promise.all(performed));
  await scheduler.waitFor(ask('last'));
  return { told, isPresent };
}

describe('requests and arriving originals, in any order', function () {
  this.timeout(60_000);
  const asks = fc.record({ kind: fc.constant('ask' as const), derivation: fc.constantFrom('w_1', 'w_2') });
  const uploads = fc.record({
    kind: fc.constant('upload' as const),
    succeeds: fc.boolean(),
    steps: fc.integer({ min: 0, max: 6 }),
  });
  const plays = fc
    .tuple(fc.array(asks, { minLength: 1, maxLength: 4 }), fc.array(uploads, { minLength: 1, maxLength: 3 }))
    .map((groups) => groups.flat());

  it('a request during an upload that succeeds gets the picture, and so does each later request', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), plays, async (scheduler, acts) => {
        const { told, isPresent } = await play(scheduler, acts);
        const allSucceed = acts.every((act) => act.kind !== 'upload' || act.succeeds);
        for (const { outcome, during } of told) {
          if (during && allSucceed) assert.equal(seen(outcome), 'made');
        }
        assert.equal(seen((told.at(-1) as (typeof told)[number]).outcome), isPresent ? 'made' : 'missing_original');
      }),
      { numRuns: repetitionsOfRun({ first: 200, all: 800 }) },
    ));
});
