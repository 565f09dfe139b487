/**
 * The counterexamples of the protocol that are about marks: one test for each, which produces exactly that sequence. The
 * others are in `counterexamples-runs.test.ts` and `counterexamples-originals.test.ts`.
 *
 * These are not tested here:
 * - T7 by a client library that sends a confirmed write again: an old mark returns, and older failures have it as their
 *   stamp. A process cannot notice that. The operator must prevent it: no resending. Our own repeated write is T7 below.
 * - T8, T11 and T12 for cached derivatives: `cached.test.ts` searches for them. T8 and T11 for failures are tested.
 * - T13 to T15, T18 to T22 and T27 for processes with leases: in `counterexamples-leases.test.ts`, each also with its step undone.
 * - T22 and T23 in one process: in `arrivals.test.ts`.
 * - T26: CDNs are not purged. The lifetimes in responses bound how long a shared cache may store an error.
 */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { TransformError } from '@safelight/core';
import { seen, setScene, settle } from './scene.ts';

const mark = /^g:/;
const absence = /^a:/;

describe('counterexamples about marks', () => {
  afterEach(() => mock.timers.reset());

  it('T2: a change is acknowledged only after its mark is confirmed', async () => {
    const { ask, upload, chaos } = setScene();
    assert.equal(seen(await ask()), 'missing_original');
    const renewal = chaos.park({ op: 'set', key: mark, when: 'before' });
    let isAcknowledged = false;
    const acknowledged = upload().then(() => {
      isAcknowledged = true;
    });
    await renewal.reached;
    await settle();
    assert.equal(isAcknowledged, false);
    renewal.release();
    await acknowledged;
    assert.equal(seen(await ask()), 'made');
  });

  for (const reply of ['reject', 'false'] as const) {
    it(`T2: when its mark cannot be written (${reply}), a change is refused, and tried again later`, async () => {
      mock.timers.enable({ apis: ['setTimeout'] });
      const { ask, upload, chaos } = setScene();
      assert.equal(seen(await ask()), 'missing_original');
      chaos.drop({ op: 'set', key: mark, times: 2, reply });
      await assert.rejects(upload(), (error) => TransformError.is(error) && error.code === 'store_unavailable');
      mock.timers.tick(60_000);
      await settle();
      assert.equal(seen(await ask()), 'made');
    });
  }

  it('T3: failures of an asset without a mark do not count, and the asset gets a new mark', async () => {
    const { ask, upload, holdSearch, chaos } = setScene();
    const search = holdSearch();
    const early = ask();
    await search.reached;
    await upload();
    await chaos.forget(mark);
    search.open();
    await early;
    assert.equal(seen(await ask()), 'made');
  });

  it('T4: a failure is stamped with the marks read before the run', async () => {
    const { ask, upload, holdSearch } = setScene();
    const search = holdSearch();
    const early = ask();
    await search.reached;
    await upload();
    search.open();
    await early;
    assert.equal(seen(await ask()), 'made');
  });

  it('T4: the same when the upload comes between reading the marks again and recording', async () => {
    const { ask, upload, chaos } = setScene();
    const record = chaos.park({ op: 'set', key: absence, when: 'before' });
    const early = ask();
    await record.reached;
    await upload();
    record.release();
    await early;
    assert.equal(seen(await ask()), 'made');
  });

  it('T6: no run starts before the mark that was made for it is confirmed', async () => {
    const { ask, upload, chaos, world } = setScene();
    const mint = chaos.park({ op: 'set', key: mark, when: 'before' });
    const early = ask();
    await mint.reached;
    await settle();
    assert.deepEqual(world.runs, []);
    await upload();
    mint.release();
    await early;
    assert.equal(seen(await ask()), 'made');
  });

  it('T6: when the write of a mark was given up, and applied late, the mark was never used', async () => {
    const { ask, upload, chaos, advance } = setScene({ processes: 2, tolerant: true });
    chaos.drop({ op: 'set', key: mark, reply: 'reject' });
    const mint = chaos.applyTwice({ op: 'set', key: mark });
    assert.equal(seen(await ask({ at: 0 })), 'missing_original');
    advance(1001);
    await upload('cat', 1);
    await mint.again();
    assert.equal(seen(await ask({ at: 0 })), 'made');
    assert.equal(seen(await ask({ at: 1 })), 'made');
  });

  it('T7: a mark that is not confirmed is replaced by another one, so its write may be applied late', async () => {
    const { ask, upload, chaos } = setScene();
    chaos.drop({ op: 'set', key: mark, reply: 'false' });
    const mint = chaos.applyTwice({ op: 'set', key: mark });
    assert.equal(seen(await ask()), 'missing_original');
    await upload();
    await mint.again();
    assert.equal(seen(await ask()), 'made');
  });

  it('T7: the same when only the confirmation was lost', async () => {
    const { ask, upload, chaos, world } = setScene();
    chaos.drop({ op: 'set', key: mark, reply: 'reject' });
    const mint = chaos.applyTwice({ op: 'set', key: mark });
    assert.equal(seen(await ask()), 'missing_original');
    assert.equal(seen(await ask()), 'missing_original');
    assert.equal(world.searches.length, 1);
    await upload();
    await mint.again();
    assert.equal(seen(await ask()), 'made');
  });

  it('T8: a renewal that is repeated writes another mark, since the first may have been used', async () => {
    const { ask, upload, chaos, guards, holdSearch } = setScene({ processes: 2 });
    chaos.loseReply({ op: 'set', key: mark });
    const repetition = chaos.park({ op: 'set', key: mark, nth: 2, when: 'before' });
    const first = guards[0]?.changed('cat');
    await repetition.reached;
    const search = holdSearch();
    const early = ask({ at: 1 });
    await search.reached;
    await upload('cat', 1);
    repetition.release();
    await first;
    search.open();
    await early;
    assert.equal(seen(await ask({ at: 1 })), 'made');
  });

  it('T9: a mark that was read is never written again', async () => {
    const { ask, upload, chaos } = setScene();
    assert.equal(seen(await ask()), 'missing_original');
    const reading = chaos.park({ op: 'getMany', key: mark, when: 'after' });
    const early = ask();
    await reading.reached;
    await upload();
    reading.release();
    assert.equal(seen(await early), 'missing_original');
    assert.equal(seen(await ask()), 'made');
    const marks = chaos.calls.filter(({ op, keys }) => op === 'set' && mark.test(keys[0] ?? ''));
    assert.equal(new Set(marks.map(({ value }) => value)).size, marks.length);
  });

  it('T9: the life of a mark is lengthened after an upload: the earlier mark does not come back', async () => {
    const { ask, upload, chaos } = setScene();
    const extension = chaos.park({ op: 'extend', key: mark, when: 'before' });
    const early = ask();
    await extension.reached;
    await upload();
    extension.release();
    await early;
    assert.equal(seen(await ask()), 'made');
    await chaos.forget(mark);
    assert.equal(seen(await ask()), 'made');
  });

  it('T10: a failure is stamped with the marks of every asset that the URL names', async () => {
    const { ask, upload } = setScene();
    const assets = ['cat', 'frame'] as const;
    await upload('cat');
    assert.equal(seen(await ask({ assets })), 'bad_transformation');
    assert.equal(seen(await ask({ assets })), 'bad_transformation');
    await upload('frame');
    assert.equal(seen(await ask({ assets })), 'made');
  });

  it('T10: the same while the overlay is uploaded during the run', async () => {
    const { ask, upload, holdSearch } = setScene();
    const assets = ['cat', 'frame'] as const;
    await upload('cat');
    const search = holdSearch();
    const early = ask({ assets });
    await search.reached;
    await upload('frame');
    search.open();
    await early;
    assert.equal(seen(await ask({ assets })), 'made');
  });
});
