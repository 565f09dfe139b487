import assert from 'node:assert/strict';
import fc from 'fast-check';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';
import { type Act, type Play, play, type Story } from './play.ts';
import type { Fate } from './scheduled-store.ts';

const maxStaleMs = 5000;

const processes = fc.integer({ min: 1, max: 3 });
const at = fc.constantFrom(0, 0, 1, 2);
const ask: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('ask' as const),
  at,
  derivation: fc.constantFrom('w_1' as const, 'w_2' as const),
  finds: fc.boolean(),
});
const change: fc.Arbitrary<Act> = fc.record({ kind: fc.constant('change' as const), at });
const evict: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('evict' as const),
  what: fc.constantFrom('marks' as const, 'failures' as const),
});
const wait: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('wait' as const),
  // In 12 minutes the mark expires that a request has written.
  ms: fc.constantFrom(1001, 2500, maxStaleMs, 60_000, 12 * 60_000),
});
const outage: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('cut' as const, 'cut' as const, 'mend' as const),
  at,
});
const askCached: fc.Arbitrary<Act> = fc.record({ kind: fc.constant('askCached' as const), at });
/** Acts on other assets. Their records take the room of the cat's records. */
const other: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('askOther' as const, 'changeOther' as const),
  at,
  asset: fc.constantFrom('dog', 'cow', 'hen'),
});
/** The clock may also be set back. */
const clockMoves: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('wait' as const),
  ms: fc.constantFrom(-60_000, 60_000, -maxStaleMs, 31 * 24 * 60 * 60 * 1000),
});
const fates: fc.Arbitrary<readonly Fate[]> = fc.array(
  fc.constantFrom<Fate>('fine', 'fine', 'lost', 'unconfirmed', 'late', 'twice'),
  { maxLength: 6 },
);

function acts(...extras: readonly fc.Arbitrary<Act>[]): fc.Arbitrary<readonly Act[]> {
  const some = (what: fc.Arbitrary<Act>, minLength: number, maxLength: number) =>
    fc.array(what, { minLength, maxLength });
  return fc
    .tuple(some(ask, 2, 4), some(change, 1, 2), ...extras.map((extra) => some(extra, 0, 3)))
    .map((groups) => groups.flat());
}

/** The newest change that a request must know: the newest one acknowledged at least `afterMs` before the request. */
function owed({ known }: Story, afterMs: number): number {
  return Math.max(0, ...known.filter(({ agoMs }) => agoMs >= afterMs).map(({ epoch }) => epoch));
}

function holds(numRuns: number, plays: fc.Arbitrary<Play>, check: (played: Awaited<ReturnType<typeof play>>) => void) {
  return fc.assert(
    fc.asyncProperty(fc.scheduler(), plays, async (scheduler, given) => check(await play(scheduler, given))),
    { numRuns: repetitionsOfRun({ first: numRuns / 4, all: numRuns }) },
  );
}

describe('in any order', function () {
  this.timeout(60_000);

  it('no request gets a failure that was found before a change, if the change was acknowledged before the request', () => {
    const plays = fc.record({ acts: acts(evict, wait), fates, processes, tolerant: fc.constant(false) });
    return holds(800, plays, ({ stories }) => {
      for (const story of stories) assert.ok(story.epoch >= owed(story, 0));
    });
  });

  it('the same with outages: at once while the store is reachable, otherwise after maxStaleMs', () => {
    const plays = fc.record({
      acts: acts(outage, wait, wait),
      fates,
      processes: fc.integer({ min: 2, max: 3 }),
      tolerant: fc.constant(true),
      cutOff: fc.constant(0),
    });
    return holds(1200, plays, ({ stories }) => {
      for (const story of stories) {
        const { outcome } = story;
        const isReached = outcome.kind === 'failed' && outcome.storable;
        assert.ok(story.epoch >= owed(story, isReached ? 0 : maxStaleMs));
      }
    });
  });

  it('the same with a store that refuses writes and evicts marks', () => {
    const plays = fc.record({
      acts: acts(evict, wait, wait),
      fates: fc.array(fc.constantFrom<Fate>('fine', 'lost', 'lost', 'late', 'unconfirmed'), { maxLength: 8 }),
      processes,
      tolerant: fc.constant(true),
    });
    return holds(1200, plays, ({ stories }) => {
      for (const story of stories) {
        const { outcome } = story;
        const isShared = outcome.kind === 'failed' && outcome.storable;
        assert.ok(story.epoch >= owed(story, isShared ? 0 : maxStaleMs));
      }
    });
  });

  it('the same in one process, with a store so small that most assets have no mark', () => {
    const room = fc.integer({ min: 1, max: 3 });
    const plays = fc.record({
      acts: acts(askCached, other, other, evict, clockMoves),
      fates: fc.constant([]),
      processes,
      tolerant: fc.constant(false),
      embedded: fc.record({
        maxEntries: room,
        maxMarks: room,
        maxCachedBytes: fc.constantFrom(700, 10_000),
      }),
    });
    return holds(1500, plays, ({ stories }) => {
      for (const story of stories) assert.ok(story.epoch >= owed(story, 0));
    });
  });

  it('each process looks once for an original under one mark, and runs each derivation once', () => {
    // Processes without a common "set if absent" may overwrite each other's marks. After three rounds a request does not
    // share its run. So several processes begin with a mark here.
    const installation = fc.oneof(
      fc.record({ processes: fc.constant(1), hasMark: fc.boolean() }),
      fc.record({ processes: fc.integer({ min: 2, max: 3 }), hasMark: fc.constant(true) }),
    );
    const plays = fc
      .tuple(
        installation,
        fc.boolean(),
        fc.array(ask, { minLength: 2, maxLength: 5 }),
        fc.array(change, { maxLength: 1 }),
      )
      .map(([installed, tolerant, asks, changes]) => ({
        ...installed,
        tolerant,
        acts: [...asks, ...changes],
        fates: [],
      }));
    return holds(400, plays, ({ searches, runs }) => {
      for (const [process, count] of searches) assert.equal(count, 1, process);
      for (const [run, count] of runs) assert.equal(count, 1, run);
    });
  });
});
