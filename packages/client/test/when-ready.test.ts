import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import { createClient } from '@safelight/client';
import fc from 'fast-check';
import type { AssetRef } from '../src/asset-ref.ts';
import { SafelightError } from '../src/safelight-error.ts';
import { createWhenReady, pollWaitMs } from '../src/when-ready.ts';
import { catResponse } from './recorded-responses.ts';
import { respondWithJson, startTestServer } from './upload-server.ts';
import { createVirtualTime } from './virtual-time.ts';

const cat: AssetRef = { publicId: 'cat', version: 100, resourceType: 'image', format: 'jpg' };
const minute = 60_000;

/** A control route that knows what the test says, on a clock that the test moves. */
function scene() {
  const time = createVirtualTime();
  const asked: string[] = [];
  const state: { ref?: AssetRef; failure?: unknown; isAsleep: boolean } = { isAsleep: false };
  const whenReady = createWhenReady({
    async find(publicId, { resourceType, signal }) {
      asked.push(`${time.now} ${resourceType} ${publicId}`);
      await settled();
      signal.throwIfAborted();
      if (state.failure !== undefined) throw state.failure;
      return state.ref;
    },
    random: () => 0,
    pause: time.pause,
    isAsleep: () => state.isAsleep,
  });
  return { time, asked, state, whenReady };
}

describe('whenReady()', () => {
  it('asks at once, and is done when the asset is there', async () => {
    const { whenReady, state, asked, time } = scene();
    state.ref = cat;
    assert.equal(await whenReady('cat'), cat);
    await time.pass(10 * minute);
    assert.deepEqual(asked, ['0 image cat']);
    assert.equal(time.sleepers, 0);
  });

  it('asks less and less often until then', async () => {
    const { whenReady, state, asked, time } = scene();
    const ready = whenReady('cat', { resourceType: 'video' });
    await time.pass(9_000);
    assert.deepEqual(asked, ['0 video cat', '1000 video cat', '2500 video cat', '4750 video cat', '8125 video cat']);
    state.ref = cat;
    await time.pass(minute);
    assert.equal(await ready, cat);
    assert.equal(asked.length, 6);
  });

  it('asks once for all calls that wait for the same asset, and separately for another', async () => {
    const { whenReady, state, asked, time } = scene();
    const waiting = [whenReady('cat'), whenReady('cat'), whenReady('cat'), whenReady('dog')];
    await time.pass(900);
    assert.deepEqual(asked, ['0 image cat', '0 image dog']);
    state.ref = cat;
    await time.pass(200);
    assert.deepEqual(await Promise.all(waiting), [cat, cat, cat, cat]);
    assert.equal(asked.length, 4);
  });

  it('asks at once for a call that joins late, and quickly again', async () => {
    const { whenReady, asked, time } = scene();
    const first = whenReady('cat');
    await time.pass(40_000);
    const before = asked.length;
    const second = whenReady('cat');
    await time.pass(1_000);
    assert.deepEqual(asked.slice(before), ['40000 image cat', '41000 image cat']);
    await time.pass(10 * minute);
    await Promise.all([first, second].map((one) => assert.rejects(one, { code: 'not_ready_in_time' })));
  });

  it('waits for a newer version, where one is there', async () => {
    const { whenReady, state, time } = scene();
    state.ref = cat;
    const next = whenReady('cat', { newerThan: 100 });
    const any = whenReady('cat');
    assert.equal(await any, cat);
    await time.pass(minute);
    state.ref = { ...cat, version: 101 };
    await time.pass(minute);
    assert.equal((await next).version, 101);
  });

  it('gives up after five minutes, and asks no more', async () => {
    const { whenReady, asked, time } = scene();
    const late = whenReady('cat');
    const refused = assert.rejects(late, {
      code: 'not_ready_in_time',
      retryable: true,
      publicId: 'cat',
      message: /"cat" was not ready within 300000 ms\./,
    });
    await time.pass(5 * minute);
    await refused;
    const { length } = asked;
    assert.ok(length > 20 && length < 30, `${length} questions`);
    await time.pass(10 * minute);
    assert.equal(asked.length, length);
    assert.equal(time.sleepers, 0);
  });

  it('one that gives up leaves the others waiting', async () => {
    const { whenReady, state, time } = scene();
    const brief = whenReady('cat', { timeoutMs: 2_000 });
    const patient = whenReady('cat');
    const refused = assert.rejects(brief, { code: 'not_ready_in_time' });
    await time.pass(2_000);
    await refused;
    state.ref = cat;
    await time.pass(minute);
    assert.equal(await patient, cat);
  });

  it('goes on through lost connections and faults of the server, and says at the end what was wrong', async () => {
    const { whenReady, state, time } = scene();
    const fault = new SafelightError('rejected', 'x', { status: 503, retryable: true });
    state.failure = fault;
    const ready = whenReady('cat');
    await time.pass(minute);
    state.failure = undefined;
    state.ref = cat;
    await time.pass(minute);
    assert.equal(await ready, cat);
    state.failure = fault;
    const never = assert.rejects(whenReady('dog'), { code: 'not_ready_in_time', cause: fault });
    await time.pass(5 * minute);
    await never;
  });

  it('asks no sooner than the server says', async () => {
    const { whenReady, state, asked, time } = scene();
    state.failure = new SafelightError('rejected', 'x', { status: 429, retryable: true, retryAfterMs: 30_000 });
    const ready = whenReady('cat');
    await time.pass(29_999);
    assert.equal(asked.length, 1);
    state.failure = undefined;
    state.ref = cat;
    await time.pass(1);
    await ready;
  });

  it('rejects all calls at once with an error that a repeat cannot mend', async () => {
    const { whenReady, state, asked, time } = scene();
    const fault = new SafelightError('rejected', 'x', { status: 400 });
    state.failure = fault;
    const outcomes = await Promise.allSettled([whenReady('cat'), whenReady('cat')]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason),
      [fault, fault],
    );
    await time.pass(minute);
    assert.equal(asked.length, 1);
    assert.equal(time.sleepers, 0);
    state.failure = undefined;
    state.ref = cat;
    assert.equal(await whenReady('cat'), cat);
  });

  it('asks nothing while the page sleeps, and at once when it wakes', async () => {
    const { whenReady, state, asked, time } = scene();
    const ready = whenReady('cat');
    await time.pass(500);
    state.isAsleep = true;
    await time.pass(2 * minute);
    assert.equal(asked.length, 1);
    state.isAsleep = false;
    state.ref = cat;
    await time.fire('visibilitychange');
    assert.equal(await ready, cat);
    assert.equal(asked.length, 2);
  });

  it('does not believe an event that wakes too early', async () => {
    const { whenReady, state, asked, time } = scene();
    state.isAsleep = true;
    const ready = whenReady('cat');
    await time.fire('online');
    assert.equal(asked.length, 0);
    state.isAsleep = false;
    state.ref = cat;
    await time.fire('online');
    assert.equal(await ready, cat);
  });

  it('rejects with the reason of an abort, also before it has begun', async () => {
    const { whenReady, asked, time } = scene();
    const controller = new AbortController();
    const ready = whenReady('cat', { signal: controller.signal });
    await time.pass(3_000);
    controller.abort('left');
    await assert.rejects(ready, (reason) => reason === 'left');
    await assert.rejects(whenReady('cat', { signal: controller.signal }), (reason) => reason === 'left');
    const { length } = asked;
    await time.pass(minute);
    assert.equal(asked.length, length);
    assert.equal(time.sleepers, 0);
  });

  it('can be asked again in the very moment in which the last one leaves', async () => {
    const { whenReady, state, time } = scene();
    const controller = new AbortController();
    const left = whenReady('cat', { signal: controller.signal }).catch(() => {
      state.ref = cat;
      return whenReady('cat');
    });
    controller.abort('left');
    await time.pass(minute);
    assert.equal(await left, cat);
  });

  it('calls come, leave and wait: all are settled, and nothing is left behind', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('join' as const),
        timeoutMs: fc.integer({ min: 1, max: 20_000 }),
        newerThan: fc.nat(3),
      }),
      fc.record({ kind: fc.constant('leave' as const) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
      fc.record({ kind: fc.constant('upload' as const) }),
      fc.record({ kind: fc.constant('fail' as const), isFailing: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { whenReady, state, time } = scene();
        const outcomes: Promise<string>[] = [];
        const leavers: AbortController[] = [];
        for (const one of steps) {
          if (one.kind === 'join') {
            const controller = new AbortController();
            leavers.push(controller);
            const { timeoutMs, newerThan } = one;
            outcomes.push(
              whenReady('cat', { timeoutMs, newerThan, signal: controller.signal }).then(
                ({ version }) => (version > newerThan ? 'ready' : 'too old'),
                (reason) => (reason === 'left' ? 'left' : String(reason.code)),
              ),
            );
          }
          if (one.kind === 'leave') leavers.shift()?.abort('left');
          if (one.kind === 'pass') await time.pass(one.ms);
          if (one.kind === 'upload') state.ref = { ...cat, version: (state.ref?.version ?? 0) + 1 };
          if (one.kind === 'fail') {
            state.failure = one.isFailing ? new SafelightError('network', 'x', { retryable: true }) : undefined;
          }
        }
        await time.pass(10 * minute);
        for (const outcome of await Promise.all(outcomes)) {
          assert.match(outcome, /^(ready|left|not_ready_in_time)$/);
        }
        assert.equal(time.sleepers, 0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('pollWaitMs()', () => {
  it('is from 1 s to 15 s, and up to a quarter longer', () => {
    assert.deepEqual(
      [1, 2, 3, 7, 8, 100].map((asked) => pollWaitMs(asked, () => 0)),
      [1_000, 1_500, 2_250, 11_390.625, 15_000, 15_000],
    );
    assert.equal(
      pollWaitMs(100, () => 1),
      18_750,
    );
  });
});

describe('client.whenReady()', () => {
  it('gives an asset with URLs, and asks the control route only, one request a question', async () => {
    const server = await startTestServer((_request, res) =>
      server.requests.length === 1
        ? respondWithJson(res, {}, 503)
        : respondWithJson(res, { exists: true, ...catResponse }),
    );
    try {
      const client = createClient({ endpoint: server.origin, cloudName: 'demo', random: () => 0 });
      const asset = await client.whenReady('folder/cat');
      assert.equal(asset.url(), `${server.origin}/demo/image/upload/v1795368841/cat.jpg`);
      assert.deepEqual(
        server.requests.map(({ method, url }) => `${method} ${url}`),
        Array.from({ length: 2 }, () => 'GET /_safelight/assets/image/folder%2Fcat?cloud=demo'),
      );
    } finally {
      await server.close();
    }
  });
});
