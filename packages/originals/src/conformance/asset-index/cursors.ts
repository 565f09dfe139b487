import assert from 'node:assert/strict';
import { add, allPages, type IndexCheck, publicIds, record } from './scene.ts';

export function indexCursorsConformance(check: IndexCheck): void {
  check('the last page has no `next`, also when it is full', async (index) => {
    await add(index, record('a'), record('b'));
    const first = await index.list({ limit: 1 });
    assert.match(first.next ?? '', /^[\w-]+$/);
    const last = await index.list({ limit: 1, after: first.next });
    assert.deepEqual(publicIds(last.assets), ['b']);
    assert.equal(last.next, undefined);
  });

  check('`after` of another query is refused', async (index) => {
    await add(index, record('a'), record('b'), record('c'));
    const { next } = await index.list({ limit: 1 });
    await index.list({ limit: 2, after: next });
    const wrong = [next?.slice(1), `${next}A`, 'x', '', `A${next?.slice(1)}`];
    for (const after of wrong) await assert.rejects(index.list({ limit: 1, after }), RangeError, after);
    await assert.rejects(index.list({ limit: 1, after: next, prefix: 'a' }), RangeError);
    await assert.rejects(index.search({ limit: 1, after: next }), RangeError);
    await assert.rejects(index.folders({ limit: 1, after: next }), RangeError);
    await assert.rejects(index.tags({ resourceType: 'image', limit: 1, after: next }), RangeError);
    await assert.rejects(index.derived({ limit: 1, after: next }), RangeError);
  });

  check('assets that do not change are listed once while others change', async (index) => {
    const stable = Array.from({ length: 20 }, (_, at) => record(`stable-${String(at).padStart(2, '0')}`));
    await add(index, ...stable);
    let step = 0;
    const pages = await allPages(async (after) => {
      step += 1;
      // Before and after the place of the cursor.
      await add(
        index,
        record(`a-${step}`),
        record(`stable-${String(step * 3).padStart(2, '0')}x`),
        record(`z-${step}`),
      );
      return index.list({ limit: 3, after });
    });
    const found = publicIds(pages.flatMap(({ assets }) => assets)).filter((name) => /^stable-\d\d$/.test(name));
    assert.deepEqual(found, publicIds(stable));
  });
}
