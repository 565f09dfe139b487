/** The counterexamples of the protocol that are about who waits for whom, and about rungs: one test each. */
import assert from 'node:assert/strict';
import { rungOf, seen, setScene, settle } from './scene.ts';

const mark = /^g:/;
const absence = /^a:/;
const permanent = /^p:/;
/** A picture with an overlay: what is missing then condemns one derivation, in one flight and one record. */
const assets = ['cat', 'frame'] as const;
const MINUTE_MS = 60_000;

describe('flights, in every wrong order', () => {
  it('T5: a request after an upload does not join the flight from before it', async () => {
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

  it('T5: nor does it wait for that flight', async () => {
    const { ask, upload, holdSearch } = setScene();
    const search = holdSearch();
    const early = ask();
    await search.reached;
    await upload();
    assert.equal(seen(await ask()), 'made');
    search.open();
    assert.equal(seen(await early), 'made');
  });

  it('T13: whoever opens a flight looks up again, since another may have ended meanwhile', async () => {
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

  it('T14: a flight ends only after its record is confirmed', async () => {
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

  it('T15: whoever saw no mark looks again before making one', async () => {
    const { ask, chaos, world } = setScene();
    const reading = chaos.park({ op: 'getMany', when: 'after' });
    const slow = ask();
    await reading.reached;
    assert.equal(seen(await ask()), 'missing_original');
    reading.release();
    assert.equal(seen(await slow), 'missing_original');
    assert.equal(world.searches.length, 1);
  });

  it('T16: who waits for a mark that another makes reads it, and is not handed it', async () => {
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

  it('T17: nobody joins a look-up that was sent before', async () => {
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

  it('T18: attempts that were made at once are one rung, however late the second one says so', async () => {
    const { ask, holdSearch, advance } = setScene({ processes: 2 });
    await ask({ derivation: 'w_1' });
    advance(MINUTE_MS);
    const [one, other] = [holdSearch(), holdSearch()];
    const first = ask({ at: 0 });
    const second = ask({ at: 1 });
    await Promise.all([one.reached, other.reached]);
    one.open();
    assert.equal(rungOf(await first), 2);
    advance(2 * MINUTE_MS);
    other.open();
    assert.equal(rungOf(await second), 2);
  });

  it('T19: a record never shortens what others have recorded meanwhile', async () => {
    const { ask, holdSearch, advance } = setScene({ processes: 2 });
    const search = holdSearch();
    const stalled = ask({ at: 0 });
    await search.reached;
    assert.equal(rungOf(await ask({ at: 1 })), 1);
    advance(MINUTE_MS);
    assert.equal(rungOf(await ask({ at: 1 })), 2);
    advance(MINUTE_MS);
    search.open();
    await stalled;
    const held = await ask({ at: 0 });
    assert.equal(rungOf(held), 2);
    assert.equal(held.kind === 'failed' && held.remainingMs, MINUTE_MS);
  });

  it('T19: the same when the stalled one ends after that window too', async () => {
    const { ask, holdSearch, advance } = setScene({ processes: 2 });
    const search = holdSearch();
    const stalled = ask({ at: 0 });
    await search.reached;
    await ask({ at: 1 });
    advance(MINUTE_MS);
    assert.equal(rungOf(await ask({ at: 1 })), 2);
    advance(3 * MINUTE_MS);
    search.open();
    assert.equal(rungOf(await stalled), 2);
  });
});
