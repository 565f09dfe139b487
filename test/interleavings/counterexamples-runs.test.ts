/** The counterexamples of the protocol that are about shared runs and about rungs: one test for each. */
import assert from 'node:assert/strict';
import { rungOf, seen, setScene, settle } from './scene.ts';

const mark = /^g:/;
const absence = /^a:/;
const permanent = /^p:/;
/** A picture with an overlay: when the overlay is missing, one derivation fails, with one run and one record. */
const assets = ['cat', 'frame'] as const;
const minuteMs = 60_000;

describe('counterexamples about runs', () => {
  it('T5: a request after an upload does not join a run that began before the upload', async () => {
    const { ask, upload, chaos } = setScene();
    await upload('cat');
    const record = chaos.park({ op: 'set', key: permanent, when: 'before' });
    const early = ask({ assets });
    await record.reached;
    await upload('frame');
    const late = ask({ assets });
    await settle();
    record.release();
    assert.equal(seen(await early), 'bad_transformation');
    assert.equal(seen(await late), 'made');
  });

  it('T5: nor does it wait for that run', async () => {
    const { ask, upload, holdSearch } = setScene();
    const search = holdSearch();
    const early = ask();
    await search.reached;
    await upload();
    assert.equal(seen(await ask()), 'made');
    search.open();
    assert.equal(seen(await early), 'made');
  });

  it('T13: a request that begins a run looks up again, since another run may have ended in the meantime', async () => {
    const { ask, chaos, world } = setScene();
    await ask({ derivation: 'of another size, so that the asset has a mark' });
    await chaos.forget(absence);
    const reading = chaos.park({ op: 'getMany', when: 'after' });
    const slow = ask();
    await reading.reached;
    assert.equal(seen(await ask()), 'missing_original');
    reading.release();
    assert.equal(seen(await slow), 'missing_original');
    assert.deepEqual(world.searches, ['cat', 'cat']);
    assert.equal(world.runs.filter((run) => run === 'w_300').length, 1);
  });

  it('T14: a run ends only after its record is confirmed', async () => {
    const { ask, upload, chaos, world } = setScene();
    await upload('cat');
    const record = chaos.park({ op: 'set', key: permanent, when: 'before' });
    const early = ask({ assets });
    await record.reached;
    await settle();
    const late = ask({ assets });
    await settle();
    record.release();
    assert.deepEqual([seen(await early), seen(await late)], ['bad_transformation', 'bad_transformation']);
    assert.equal(world.runs.length, 1);
  });

  it('T15: a request that found no mark looks up again before it makes one', async () => {
    const { ask, chaos, world } = setScene();
    const reading = chaos.park({ op: 'getMany', when: 'after' });
    const slow = ask();
    await reading.reached;
    assert.equal(seen(await ask()), 'missing_original');
    reading.release();
    assert.equal(seen(await slow), 'missing_original');
    assert.equal(world.searches.length, 1);
  });

  it('T16: a request that waits for the mark of another request reads it from the store', async () => {
    const { ask, upload, chaos } = setScene();
    await upload('cat');
    const mint = chaos.park({ op: 'set', key: mark, when: 'after' });
    const first = ask({ assets });
    await mint.reached;
    const record = chaos.park({ op: 'set', key: permanent, when: 'before' });
    const second = ask({ assets });
    await record.reached;
    await upload('frame');
    await chaos.forget(/^g:.*frame/);
    const third = ask({ assets });
    await settle();
    mint.release();
    await settle();
    record.release();
    assert.equal(seen(await third), 'made');
    await Promise.all([first, second]);
  });

  it('T17: no request joins a look-up that was sent before the request', async () => {
    const { ask, upload, chaos } = setScene();
    assert.equal(seen(await ask()), 'missing_original');
    const reading = chaos.park({ op: 'getMany', when: 'after' });
    const early = ask();
    await reading.reached;
    await upload();
    const late = ask();
    await settle();
    reading.release();
    await early;
    assert.equal(seen(await late), 'made');
  });

  it('T18: attempts that began at the same time are one rung, even when the second one ends much later', async () => {
    const { ask, holdSearch, advance } = setScene({ processes: 2 });
    await ask({ derivation: 'w_1' });
    advance(minuteMs);
    const [firstSearch, secondSearch] = [holdSearch(), holdSearch()];
    const first = ask({ at: 0 });
    const second = ask({ at: 1 });
    await Promise.all([firstSearch.reached, secondSearch.reached]);
    firstSearch.open();
    assert.equal(rungOf(await first), 2);
    advance(2 * minuteMs);
    secondSearch.open();
    assert.equal(rungOf(await second), 2);
  });

  it('T19: a record never shortens the window that another process has recorded in the meantime', async () => {
    const { ask, holdSearch, advance } = setScene({ processes: 2 });
    const search = holdSearch();
    const stalled = ask({ at: 0 });
    await search.reached;
    assert.equal(rungOf(await ask({ at: 1 })), 1);
    advance(minuteMs);
    assert.equal(rungOf(await ask({ at: 1 })), 2);
    advance(minuteMs);
    search.open();
    await stalled;
    const held = await ask({ at: 0 });
    assert.equal(rungOf(held), 2);
    assert.equal(held.kind === 'failed' && held.remainingMs, minuteMs);
  });

  it('T19: the same when the stalled run ends after that window', async () => {
    const { ask, holdSearch, advance } = setScene({ processes: 2 });
    const search = holdSearch();
    const stalled = ask({ at: 0 });
    await search.reached;
    await ask({ at: 1 });
    advance(minuteMs);
    assert.equal(rungOf(await ask({ at: 1 })), 2);
    advance(3 * minuteMs);
    search.open();
    assert.equal(rungOf(await stalled), 2);
  });
});
