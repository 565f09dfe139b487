import assert from 'node:assert/strict';
import { abandoned, missingOriginal, type Outcome, retryAfterMs, TransformError } from '@safelight/core';
import { errorCacheControl, retryAfterSeconds } from '@safelight/http';
import { rungOf, type Scene, seen, setScene } from './scene.ts';

const secondMs = 1000;
const daySeconds = 86_400;

/** A recorded failure: its rung, and the end of its window in seconds since the scene began. */
interface Held {
  readonly rung: number;
  readonly until: number;
}

interface Timed extends Scene {
  /** Moves the clock to this second. */
  to(second: number): void;
  /** The failure that an outcome names; `undefined` when it names none. */
  held(outcome: Outcome<unknown>): Held | undefined;
}

function timed(scene: Scene = setScene()): Timed {
  const start = scene.now();
  return {
    ...scene,
    to: (second) => scene.advance(start + second * secondMs - scene.now()),
    held(outcome) {
      if (outcome.kind !== 'failed' || outcome.failure === undefined) return undefined;
      return { rung: outcome.failure.rung, until: (outcome.failure.until - start) / secondMs };
    },
  };
}

function remaining(outcome: Outcome<unknown>): number {
  assert.ok(outcome.kind === 'failed');
  return outcome.remainingMs;
}

/** Fails repeatedly, each time at the end of the window. @returns the windows in seconds */
async function windows(rungs: number, fails?: unknown): Promise<readonly number[]> {
  const { ask, advance } = setScene();
  const lengths: number[] = [];
  for (let rung = 1; rung <= rungs; rung += 1) {
    const outcome = await ask({ fails });
    assert.equal(rungOf(outcome), rung);
    lengths.push(remaining(outcome) / secondMs);
    advance(remaining(outcome));
  }
  return lengths;
}

describe('the ladder: windows', () => {
  const permanent = [
    60,
    120,
    240,
    480,
    960,
    1920,
    3840,
    7680,
    15_360,
    30_720,
    61_440,
    daySeconds,
    daySeconds,
    daySeconds,
  ];

  it('permanent failures: a minute, doubling to a day', async () => {
    assert.deepEqual(await windows(14), permanent);
    assert.deepEqual(await windows(14, new TransformError('bad_transformation', 'No such crop.')), permanent);
  });

  it('transient failures: a second, doubling to five minutes', async () => {
    const transient = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300];
    assert.deepEqual(await windows(12, new Error('A crash.')), transient);
  });

  it('no attempt starts before the end of the window, and one starts at its end', async () => {
    const { ask, to, world } = timed();
    const starts = [0, 60, 180, 420, 900, 1860, 3780, 7620, 15_300, 30_660, 61_380, 122_820, 122_820 + daySeconds];
    for (const [index, start] of starts.entries()) {
      to(start - 0.001);
      if (index > 0) await ask();
      assert.equal(world.searches.length, index);
      to(start);
      await ask();
      assert.equal(world.searches.length, index + 1);
    }
  });

  it('the window of rung 1,000,000, restored from a store, is a day', async () => {
    const { ask, chaos, to, held } = timed();
    await ask();
    const snapshot = new Map(await chaos.snapshot());
    for (const [key, { value, ttlMs }] of snapshot) {
      if (typeof value === 'object') snapshot.set(key, { value: { ...value, rung: 999_999 }, ttlMs });
    }
    await chaos.restore(snapshot);
    to(60);
    assert.deepEqual(held(await ask()), { rung: 1_000_000, until: 60 + daySeconds });
  });
});

describe('the ladder: events, by the second', () => {
  it('a failure is held, its window ends, it climbs, and after a quiet period the ladder starts again', async () => {
    const { ask, guards, world, to, held, holdSearch } = timed();
    assert.deepEqual(held(await ask()), { rung: 1, until: 60 });

    to(30);
    for (let request = 0; request < 1000; request += 1) await ask({ derivation: `w_${request % 7}` });
    await guards[0]?.recall({ target: { assets: ['cat'], derivation: 'w_300', version: undefined } });
    const hit = await ask();
    assert.deepEqual(held(hit), { rung: 1, until: 60 });
    assert.equal(retryAfterSeconds(remaining(hit)), 30);
    assert.equal(world.searches.length, 1);

    to(59.2);
    const last = remaining(await ask());
    assert.equal(retryAfterSeconds(last), 1);
    assert.match(errorCacheControl(last), /s-maxage=0\b/);

    to(60);
    assert.deepEqual(held(await ask()), { rung: 2, until: 180 });

    to(180);
    const search = holdSearch();
    const probe = ask();
    await search.reached;
    const others = await Promise.all(Array.from({ length: 49 }, () => ask()));
    for (const other of others) {
      assert.equal(other.kind === 'failed' && other.source, 'held');
      assert.deepEqual(held(other), { rung: 2, until: 180 });
    }
    to(182);
    search.open();
    assert.deepEqual(held(await probe), { rung: 3, until: 422 });
    assert.equal(world.searches.length, 3);

    to(1000);
    assert.deepEqual(held(await ask()), { rung: 4, until: 1480 });
    to(2081);
    assert.deepEqual(held(await ask()), { rung: 1, until: 2141 });
  });

  it('fifty requests at the end of a window: one attempt, one rung, and only the probe waits', async () => {
    const { ask, world, to, held, holdSearch } = timed();
    await ask();
    to(60);
    const search = holdSearch();
    const failures: Held[] = [];
    const all = Array.from({ length: 50 }, async () => {
      const outcome = await ask();
      failures.push(held(outcome) as Held);
    });
    await search.reached;
    await Promise.all(all.slice(1));
    assert.equal(failures.length, 49);
    search.open();
    await Promise.all(all);
    assert.deepEqual(failures.at(-1), { rung: 2, until: 180 });
    assert.equal(world.searches.length, 2);
  });

  for (const [header, seconds] of [
    ['10', 10],
    ['0', 1],
    ['Wed, 31 Dec 1997 23:59:59 GMT', 1],
    ['garbage', 60],
    ['999999', daySeconds],
  ] as const) {
    it(`Retry-After: ${header} is a window of ${seconds} s, and one rung`, async () => {
      const { ask, now, advance } = setScene();
      for (const rung of [1, 2]) {
        const asked = retryAfterMs(header, now());
        const options = asked === undefined ? {} : { retryAfterMs: asked };
        const outcome = await ask({ fails: new TransformError('not_found', 'Not found.', options) });
        assert.equal(rungOf(outcome), rung);
        const doubled = asked === undefined ? rung : 1;
        assert.equal(remaining(outcome), seconds * doubled * secondMs);
        advance(remaining(outcome));
      }
    });
  }

  it('a crash after three absences has a ladder of its own, and that of the absence stays', async () => {
    const { ask, to, held } = timed();
    for (const second of [0, 60, 180]) {
      to(second);
      await ask();
    }
    to(420);
    const crash = await ask({ fails: new TransformError('unavailable', 'Upstream is down.') });
    assert.deepEqual(held(crash), { rung: 1, until: 421 });
    to(421);
    assert.deepEqual(held(await ask()), { rung: 4, until: 901 });
  });

  it('a client that leaves before the response adds no rung', async () => {
    const { ask, guards, held } = timed();
    const outcome = await guards[0]?.handle({
      target: { assets: ['cat'], derivation: 'w_300', version: undefined },
      work: async () => abandoned,
      take: () => true,
      checksSuccess: true,
      hasLeft: () => true,
    });
    assert.equal(outcome?.kind, 'left');
    assert.deepEqual(held(await ask()), { rung: 1, until: 60 });
  });

  it('a success ends the ladder of the derivation', async () => {
    const { ask, world, to, held } = timed();
    world.present.add('cat');
    const crash = new Error('A crash.');
    for (const second of [0, 1, 3]) {
      to(second);
      await ask({ fails: crash });
    }
    to(7);
    assert.equal(seen(await ask()), 'made');
    assert.deepEqual(held(await ask({ fails: crash })), { rung: 1, until: 8 });
  });

  it('only a look-up that finds the original ends the ladder of its absence', async () => {
    const { ask, world, to, held } = timed();
    await ask();
    to(60);
    await ask();
    to(180);
    world.present.add('cat');
    assert.equal(seen(await ask()), 'made');
    world.present.delete('cat');
    assert.deepEqual(held(await ask()), { rung: 1, until: 240 });
  });

  it('a new process with the same store continues the ladder of the process before', async () => {
    const { ask, to, held, world } = timed(setScene({ processes: 2 }));
    await ask({ at: 0 });
    to(60);
    const before = held(await ask({ at: 0 }));
    to(90);
    assert.deepEqual(held(await ask({ at: 1 })), before);
    assert.equal(world.searches.length, 2);
    to(180);
    assert.deepEqual(held(await ask({ at: 1 })), { rung: 3, until: 420 });
  });
});

describe('the ladder: an upload', () => {
  const states: Readonly<Record<string, (scene: Timed) => Promise<unknown>>> = {
    'before the first request': async () => {},
    'while a failure is held': ({ ask }) => ask(),
    'after the window': async ({ ask, to }) => {
      await ask();
      to(61);
    },
    'on a high rung': async ({ ask, to }) => {
      for (const second of [0, 60, 180, 420, 900, 1860]) {
        to(second);
        await ask();
      }
    },
    'after a bad transformation': ({ ask }) =>
      ask({ fails: new TransformError('bad_transformation', 'No such crop.') }),
    'after a crash': ({ ask }) => ask({ fails: new Error('A crash.') }),
  };
  for (const [state, reach] of Object.entries(states)) {
    it(`${state}: no earlier failure is served, and the next failure is on rung 1`, async () => {
      const scene = timed();
      const { ask, upload, world, guards } = scene;
      await reach(scene);
      await upload();
      assert.equal(seen(await ask()), 'made');
      world.present.clear();
      await guards[0]?.changed('cat');
      assert.equal(rungOf(await ask()), 1);
    });
  }
});

describe('one look-up per missing original', () => {
  const fifty = Array.from({ length: 50 }, (_, index) => `w_${index + 1}`);

  it('fifty derivations, one after the other or at once, cost one look-up per window', async () => {
    const { ask, world, to } = timed();
    await Promise.all(fifty.map((derivation) => ask({ derivation })));
    for (const derivation of fifty) assert.equal(seen(await ask({ derivation })), 'missing_original');
    assert.equal(world.searches.length, 1);
    to(60);
    const outcomes = await Promise.all(fifty.map((derivation) => ask({ derivation })));
    assert.equal(world.searches.length, 2);
    assert.equal(Math.max(...outcomes.map((outcome) => rungOf(outcome) ?? 0)), 2);
  });

  it('one upload ends the failures of all derivations, except that of a bad transformation', async () => {
    const { ask, upload } = setScene();
    for (const derivation of fifty) await ask({ derivation });
    await upload();
    assert.equal(
      seen(await ask({ derivation: 'bad', fails: new TransformError('bad_transformation', 'No.') })),
      'bad_transformation',
    );
    for (const derivation of fifty) assert.equal(seen(await ask({ derivation })), 'made');
    assert.equal(seen(await ask({ derivation: 'bad' })), 'bad_transformation');
  });

  it('a missing_original that a handler throws counts as a look-up; a not_found does not', async () => {
    const { ask } = setScene();
    await ask({ derivation: 'w_1', fails: new TransformError('not_found', 'Not found.') });
    assert.equal(seen(await ask({ derivation: 'w_2', fails: missingOriginal('cat') })), 'missing_original');
    const other = await ask({ derivation: 'w_3' });
    assert.equal(other.kind === 'failed' && other.source, 'held');
  });
});
