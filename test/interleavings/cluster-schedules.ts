import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type ClusterAct,
  type ClusterOptions,
  type ClusterPlay,
  type ClusterStory,
  type PlayedCluster,
  playCluster,
} from './play-cluster.ts';
import type { Fate } from './scheduled-store.ts';

const maxStaleMs = 5000;
/** Longer than the first window, and than a lease. */
const windowMs = 61_000;

const at = fc.nat({ max: 2 });
const ask: fc.Arbitrary<ClusterAct> = fc.record({
  kind: fc.constant('ask' as const),
  at,
  derivation: fc.constantFrom('small' as const, 'small' as const, 'large' as const, 'broken' as const),
  isCached: fc.constant(true),
});
const askAny: fc.Arbitrary<ClusterAct> = fc.record({
  kind: fc.constant('ask' as const),
  at,
  derivation: fc.constantFrom('small' as const, 'large' as const, 'broken' as const),
  isCached: fc.constantFrom(true, true, false),
});
const change: fc.Arbitrary<ClusterAct> = fc
  .tuple(at, fc.boolean())
  .chain(([index, fails]) =>
    fc.constantFrom<ClusterAct>(
      { kind: 'upload', at: index },
      { kind: 'remove', at: index },
      { kind: 'announce', at: index, fails },
    ),
  );
const evict: fc.Arbitrary<ClusterAct> = fc.record({
  kind: fc.constant('evict' as const),
  what: fc.constantFrom('marks' as const, 'records' as const, 'leases' as const),
});
const crash: fc.Arbitrary<ClusterAct> = fc.record({
  kind: fc.constant('crash' as const),
  at,
  losesCalls: fc.boolean(),
});
const wait: fc.Arbitrary<ClusterAct> = fc.record({
  kind: fc.constant('wait' as const),
  // More than the time of a call, of a pause after a failed call, and of a lease.
  ms: fc.constantFrom(1001, 2500, 34_000),
});
const restart: fc.Arbitrary<ClusterAct> = fc.oneof(
  fc.constant({ kind: 'save' as const }),
  fc.record({
    kind: fc.constant('restart' as const),
    kept: fc.constantFrom('a snapshot' as const, 'a snapshot' as const, 'everything' as const, 'nothing' as const),
  }),
);
const fates: fc.Arbitrary<readonly Fate[]> = fc.array(
  fc.constantFrom<Fate>('fine', 'fine', 'fine', 'lost', 'unconfirmed', 'late', 'twice'),
  { maxLength: 12 },
);

interface Crowd {
  readonly maxClients: number;
  readonly maxActs: number;
  readonly maxPhases: number;
}

function phases(
  acts: fc.Arbitrary<ClusterAct>,
  { maxClients, maxActs, maxPhases }: Crowd,
): fc.Arbitrary<ClusterPlay['phases']> {
  const phase = fc.record({
    clients: fc.array(fc.array(acts, { minLength: 1, maxLength: maxActs }), { minLength: 2, maxLength: maxClients }),
    thenMs: fc.constantFrom(0, windowMs),
  });
  return fc.array(phase, { minLength: 1, maxLength: maxPhases });
}

/** The newest change that a request must know: the newest one acknowledged at least `afterMs` before the request. */
function owed({ known }: ClusterStory, afterMs: number): number {
  return Math.max(0, ...known.filter(({ agoMs }) => agoMs >= afterMs).map(({ epoch }) => epoch));
}

function assertFresh({ stories }: PlayedCluster): void {
  for (const story of stories) {
    const { outcome, epoch } = story;
    if (epoch === undefined) continue;
    // `storable: false`: the process could not reach the store.
    const isShared = outcome.kind === 'cached' || !('storable' in outcome) || outcome.storable;
    const least = owed(story, isShared ? 0 : maxStaleMs);
    assert.ok(epoch >= least, `${outcome.kind} of ${epoch}, but ${least} was acknowledged before`);
  }
}

const parked = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 });
const processes = fc.constantFrom(1, 2, 2, 3, 3);

/** What is checked, by schedules of one kind. */
export interface ClusterCheck {
  readonly title: string;
  /** Its part of all schedules. */
  readonly share: number;
  readonly plays: fc.Arbitrary<ClusterPlay>;
  readonly options: ClusterOptions;
  readonly check: (played: PlayedCluster) => void;
}

export const clusterChecks = {
  calm: {
    title: 'without faults, one process runs for all, and later requests know each acknowledged change',
    share: 0.4,
    plays: fc.record({
      processes,
      parked,
      phases: phases(fc.oneof({ weight: 3, arbitrary: ask }, { weight: 1, arbitrary: change }), {
        maxClients: 4,
        maxActs: 2,
        maxPhases: 2,
      }),
      fates: fc.constant([]),
    }),
    options: { mayStall: false },
    check(played) {
      assertFresh(played);
      assert.deepEqual(played.extraRuns, []);
      assert.deepEqual(played.sharedLeases, []);
      assert.deepEqual(played.leftLeases, []);
      for (const { outcome } of played.stories) assert.notEqual(outcome.kind, 'left');
    },
  },
  faulty: {
    title: 'with crashes, stalls, evictions and lost writes, later requests know each acknowledged change',
    share: 0.4,
    plays: fc.record({
      processes,
      parked,
      phases: phases(
        fc.oneof(
          { weight: 5, arbitrary: askAny },
          { weight: 2, arbitrary: change },
          { weight: 1, arbitrary: evict },
          { weight: 1, arbitrary: crash },
          { weight: 1, arbitrary: wait },
        ),
        { maxClients: 3, maxActs: 4, maxPhases: 1 },
      ),
      fates,
    }),
    options: { mayStall: true },
    check(played) {
      assertFresh(played);
      assert.deepEqual(played.sharedLeases, []);
    },
  },
  restarts: {
    title: 'when the server comes back with an old snapshot, later requests know each acknowledged change',
    share: 0.2,
    plays: fc.record({
      processes,
      parked,
      phases: phases(
        fc.oneof(
          { weight: 5, arbitrary: askAny },
          { weight: 2, arbitrary: change },
          { weight: 3, arbitrary: restart },
          { weight: 1, arbitrary: crash },
        ),
        { maxClients: 3, maxActs: 4, maxPhases: 1 },
      ),
      fates: fc.constant([]),
    }),
    options: { mayStall: true },
    check: assertFresh,
  },
} as const satisfies Record<string, ClusterCheck>;

/** Plays many schedules. The message of a failure has the seed, and the path to the shortest schedule. */
export function checkCluster(
  { plays, options, check }: ClusterCheck,
  parameters: fc.Parameters<[fc.Scheduler, ClusterPlay]>,
  faulty: Partial<ClusterOptions> = {},
): Promise<fc.RunDetails<[fc.Scheduler, ClusterPlay]>> {
  const property = fc.asyncProperty(fc.scheduler(), plays, async (scheduler, play) =>
    check(await playCluster(scheduler, play, { ...options, ...faulty })),
  );
  return fc.check(property, parameters) as Promise<fc.RunDetails<[fc.Scheduler, ClusterPlay]>>;
}

/** How many schedules CI plays. */
export const ciSchedules = 20_000;

/** Defines a test for each kind of schedules. @param schedules - of all kinds */
export function defineClusterChecks(schedules: number): void {
  for (const check of Object.values<ClusterCheck>(clusterChecks)) {
    const numRuns = Math.round(schedules * check.share);
    it(`${check.title} (${numRuns} schedules)`, async function () {
      this.timeout(60_000 + 50 * numRuns);
      const details = await checkCluster(check, { numRuns });
      if (details.failed) assert.fail(await fc.asyncDefaultReportMessage(details));
    });
  }
}
