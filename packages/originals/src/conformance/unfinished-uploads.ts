import assert from 'node:assert/strict';
import { startMs } from './scene.ts';
import { contentOf, facts, film, partOf, type UnfinishedCheck } from './unfinished-scene.ts';

const other = { key: 'cd'.repeat(32), sender: film.sender };

export function storedPartsConformance(check: UnfinishedCheck): void {
  check('know nothing of an upload without parts', async ({ here }) => {
    assert.deepEqual([await here.read(film), await here.find(film.key), await here.list()], [undefined, [], []]);
  });

  check('return the parts in the order of the file, with their bytes, also to another process', async (scene) => {
    const { here, there, add } = scene;
    await add(film, { start: 3, content: 'def', total: 8 });
    const upload = await add(film, { start: 0, content: 'abc' });
    const parts = [partOf({ start: 0, content: 'abc' }), partOf({ start: 3, content: 'def', total: 8 })];
    assert.deepEqual([upload?.facts, upload?.parts, upload?.outcome], [facts, parts, undefined]);
    assert.deepEqual((await there.read(film))?.parts, parts);
    await add(film, { start: 6, content: 'gh', place: there });
    assert.equal(await contentOf(here, film), 'abcdefgh');
  });

  check('store the same part once, and the total that its repeat states', async ({ here, add }) => {
    await add(film, { start: 0, content: 'abc' });
    const upload = await add(film, { start: 0, content: 'abc', total: 3 });
    assert.deepEqual(upload?.parts, [partOf({ start: 0, content: 'abc', total: 3 })]);
    assert.equal(await contentOf(here, film), 'abc');
    assert.deepEqual(
      (await here.list()).map(({ bytes, partCount }) => [bytes, partCount]),
      [[3, 1]],
    );
  });

  check('store an empty file', async ({ here, add }) => {
    const upload = await add(film, { start: 0, content: '', total: 0 });
    assert.deepEqual(upload?.parts, [partOf({ start: 0, content: '', total: 0 })]);
    assert.equal(await contentOf(here, film), '');
  });

  check('have one upload for each sender of a key', async ({ here, add }) => {
    const second = { key: film.key, sender: 'f'.repeat(16) };
    await add(film, { start: 0, content: 'abc' });
    await add(second, { start: 0, content: 'xy' });
    await add(other, { start: 0, content: 'z' });
    const found = await here.find(film.key);
    assert.deepEqual(found.map(({ sender }) => sender).sort(), [film.sender, second.sender]);
    assert.deepEqual([await contentOf(here, film), await contentOf(here, second)], ['abc', 'xy']);
    await here.remove(second);
    assert.equal((await here.find(film.key)).length, 1);
  });

  check('reject bytes that are not stored', async ({ here }) => {
    const reading = here.bytesOf(film, partOf({ start: 0, content: 'abc' }))[Symbol.asyncIterator]();
    await assert.rejects(reading.next());
  });
}

export function usesConformance(check: UnfinishedCheck): void {
  check('list the use of each upload, and its time', async ({ there, add }) => {
    await add(film, { start: 0, content: 'abc', usedAt: startMs });
    await add(film, { start: 5, content: 'fg', usedAt: startMs + 2000 });
    await add(other, { start: 0, content: 'x', facts: { ...facts, client: 'c2' }, usedAt: startMs + 1000 });
    const uses = [...(await there.list())].sort((a, b) => b.usedAt - a.usedAt);
    assert.deepEqual(uses, [
      { ...film, client: 'c1', partCount: 2, bytes: 5, isSettled: false, usedAt: startMs + 2000 },
      { ...other, client: 'c2', partCount: 1, bytes: 1, isSettled: false, usedAt: startMs + 1000 },
    ]);
  });

  check('count a repeated part as a use', async ({ here, add }) => {
    await add(film, { start: 0, content: 'abc', usedAt: startMs });
    await add(film, { start: 0, content: 'abc', usedAt: startMs + 5000 });
    assert.deepEqual(
      (await here.list()).map(({ usedAt }) => usedAt),
      [startMs + 5000],
    );
  });

  check('forget a removed upload', async ({ here, there, add }) => {
    await add(film, { start: 0, content: 'abc' });
    await there.remove(film);
    assert.deepEqual([await here.read(film), await here.list()], [undefined, []]);
    await there.remove(film);
    await add(film, { start: 3, content: 'd', facts: { ...facts, publicId: 'another' } });
    assert.equal(await contentOf(here, film), 'd');
  });
}

export function outcomesConformance(check: UnfinishedCheck): void {
  check(
    'return the outcome and the parts, without their bytes, also to another process',
    async ({ here, there, add }) => {
      const upload = await add(film, { start: 0, content: 'abc', total: 3 });
      await here.settle(film, '{"ok":true}', startMs + 7000);
      const settled = await there.read(film);
      assert.deepEqual([settled?.outcome, settled?.parts, settled?.facts], ['{"ok":true}', upload?.parts, facts]);
      const use = { ...film, client: 'c1', partCount: 1, bytes: 0, isSettled: true, usedAt: startMs + 7000 };
      assert.deepEqual(await there.list(), [use]);
      await assert.rejects(contentOf(there, film));
    },
  );

  check('hold the first outcome', async ({ here, there, add }) => {
    await add(film, { start: 0, content: 'abc', total: 3 });
    await here.settle(film, 'first', startMs);
    await there.settle(film, 'second', startMs);
    assert.equal((await here.read(film))?.outcome, 'first');
    await here.settle(other, 'of nothing', startMs);
    assert.equal(await here.read(other), undefined);
  });

  check('accept the same part after the outcome, as a use', async ({ here, add }) => {
    await add(film, { start: 0, content: 'abc', total: 3 });
    await here.settle(film, 'done', startMs);
    const upload = await add(film, { start: 0, content: 'abc', total: 3, usedAt: startMs + 9000 });
    assert.deepEqual([upload?.outcome, upload?.parts.length], ['done', 1]);
    const [use] = await here.list();
    assert.deepEqual([use?.bytes, use?.usedAt], [0, startMs + 9000]);
  });

  check('are removed with their upload', async ({ here, add }) => {
    await add(film, { start: 0, content: 'abc', total: 3 });
    await here.settle(film, 'done', startMs);
    await here.remove(film);
    assert.deepEqual([await here.read(film), await here.list()], [undefined, []]);
  });
}

/** Without `uses`, which is optional, this test has nothing to check. */
export function usedByProcessesConformance(check: UnfinishedCheck): void {
  check('are told to other processes, until they end', async ({ here, there, add }) => {
    if (here.uses === undefined || there.uses === undefined) return;
    const ends = [await here.uses.begin(film), await there.uses.begin(film), await here.uses.begin(other)];
    const keys = async () => (await there.uses?.list())?.map(({ key }) => key).sort();
    assert.deepEqual(new Set(await keys()), new Set([film.key, other.key]));
    await add(film, { start: 0, content: 'abc' });
    assert.equal((await here.list()).length, 1);
    await ends[0]?.();
    await ends[2]?.();
    assert.deepEqual(await there.uses.list(), [film]);
    await ends[1]?.();
    assert.deepEqual(await here.uses.list(), []);
  });
}
