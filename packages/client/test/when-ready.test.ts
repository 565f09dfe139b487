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

/** A stand-in for the control route, with assets of the test and a clock that the test moves. */
function scene() {
  const time = createVirtualTime();
  const requests: string[] = [];
  const state: { ref?: AssetRef; failure?: unknown; isAsleep: boolean } = { isAsleep: false };
  const whenReady = createWhenReady({
    async find(publicId, { resourceType, signal }) {
      requests.push(`${time.now} ${resourceType} ${publicId}`);
      await settled();
      signal.throwIfAborted();
      if (state.failure !== undefined) throw state.failure;
      return state.ref;
    },
    random: () => 0,
    pause: time.pause,
    isAsleep: () => state.isAsleep,
  });
  return { time, requests, state, whenReady };
}

describe('whenReady()', () => {
  it('sends a request at once, and resolves when the asset exists', async () => {
    const { whenReady, state, requests, time } = scene();
    state.ref = cat;
    assert.equal(await whenReady('cat'), cat);
    await time.pass(10 * minute);
    assert.deepEqual(requests, ['0 image cat']);
    assert.equal(time.sleepers, 0);
  });

  it('sends requests less and less often until then', async () => {
    const { whenReady, state, requests, time } = scene();
    const ready = whenReady('cat', { resourceType: 'video' });
    await time.pass(9_000);
    assert.deepEqual(requests, ['0 video cat', '1000 video cat', '2500 video cat', '4750 video cat', '8125 video cat']);
    state.ref = cat;
    await time.pass(minute);
    assert.equal(await ready, cat);
    assert.equal(requests.length, 6);
  });

  it('shares the requests between all calls for the same asset, but not for another asset', async () => {
    const { whenReady, state, requests, time } = scene();
    const waiting = [whenReady('cat'), whenReady('cat'), whenReady('cat'), whenReady('dog')];
    await time.pass(900);
    assert.deepEqual(requests, ['0 image cat', '0 image dog']);
    state.ref = cat;
    await time.pass(200);
    assert.deepEqual(await Promise.all(waiting), [cat, cat, cat, cat]);
    assert.equal(requests.length, 4);
  });

  it('sends a request at once for a call that joins late, and soon the next one', async () => {
    const { whenReady, requests, time } = scene();
    const first = whenReady('cat');
    await time.pass(40_000);
    const before = requests.length;
    const second = whenReady('cat');
    await time.pass(1_000);
    assert.deepEqual(requests.slice(before), ['40000 image cat', '41000 image cat']);
    const ends = [first, second].map((one) => assert.rejects(one, { code: 'not_ready_in_time' }));
    await time.pass(10 * minute);
    await Promise.all(ends);
  });

  it('waits for a newer version of an existing asset', async () => {
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

  it('rejects after five minutes, and sends no further request', async () => {
    const { whenReady, requests, time } = scene();
    const late = whenReady('cat');
    const refused = assert.rejects(late, {
      code: 'not_ready_in_time',
      retryable: true,
      publicId: 'cat',
      message: /"cat" was not ready within 300000 ms\./,
    });
    await time.pass(5 * minute);
    await refused;
    const { length } = requests;
    assert.ok(length > 20 && length < 30, `${length} questions`);
    await time.pass(10 * minute);
    assert.equal(requests.length, length);
    assert.equal(time.sleepers, 0);
  });

  it('the timeout of one call does not affect the others', async () => {
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

  it('continues after lost connections and errors of the server, and reports the last one at the end', async () => {
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

  it('sends no request before the Retry-After of the server', async () => {
    const { whenReady, state, requests, time } = scene();
    state.failure = new SafelightError('rejected', 'x', { status: 429, retryable: true, retryAfterMs: 30_000 });
    const ready = whenReady('cat');
    await time.pass(29_999);
    assert.equal(requests.length, 1);
    state.failure = undefined;
    state.ref = cat;
    await time.pass(1);
    await ready;
  });

  it('rejects all calls at once with an error that is not retryable', async () => {
    const { whenReady, state, requests, time } = scene();
    const fault = new SafelightError('rejected', 'x', { status: 400 });
    state.failure = fault;
    const outcomes = await Promise.allSettled([whenReady('cat'), whenReady('cat')]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason),
      [fault, fault],
    );
    await time.pass(minute);
    assert.equal(requests.length, 1);
    assert.equal(time.sleepers, 0);
    state.failure = undefined;
    state.ref = cat;
    assert.equal(await whenReady('cat'), cat);
  });

  it('sends no request while the page is hidden, and one at once when it is visible', async () => {
    const { whenReady, state, requests, time } = scene();
    const ready = whenReady('cat');
    await time.pass(500);
    state.isAsleep = true;
    await time.pass(2 * minute);
    assert.equal(requests.length, 1);
    state.isAsleep = false;
    state.ref = cat;
    await time.fire('visibilitychange');
    assert.equal(await ready, cat);
    assert.equal(requests.length, 2);
  });

  it('waits on after an event while the page is still hidden', async () => {
    const { whenReady, state, requests, time } = scene();
    state.isAsleep = true;
    const ready = whenReady('cat');
    await time.fire('online');
    assert.equal(requests.length, 0);
    state.isAsleep = false;
    state.ref = cat;
    await time.fire('online');
    assert.equal(await ready, cat);
  });

  it('rejects with the reason of an abort, also when the signal is already aborted', async () => {
    const { whenReady, requests, time } = scene();
    const controller = new AbortController();
    const ready = whenReady('cat', { signal: controller.signal });
    await time.pass(3_000);
    controller.abort('left');
    await assert.rejects(ready, (reason) => reason === 'left');
    await assert.rejects(whenReady('cat', { signal: controller.signal }), (reason) => reason === 'left');
    const { length } = requests;
    await time.pass(minute);
    assert.equal(requests.length, length);
    assert.equal(time.sleepers, 0);
  });

  it('can be called again at the moment in which the last call ends', async () => {
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

  it('with random calls and aborts, all calls are settled, and no pause remains', async () => {
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
      [1, 2, 3, 7, 8, 100].map((attempts) => pollWaitMs(attempts, () => 0)),
      [1_000, 1_500, 2_250, 11_390.625, 15_000, 15_000],
    );
    assert.equal(
      pollWaitMs(100, () => 1),
      18_750,
    );
  });
});

describe('client.whenReady()', () => {
  it('resolves with an asset that has URLs, and requests only the control route, without repeats', async () => {
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
