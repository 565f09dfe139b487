import assert from 'node:assert/strict';
import { type HerdRow, runHerd } from '../herd.ts';

describe('a herd before the guard and behind it', () => {
  let rows: readonly HerdRow[];

  before(async () => {
    rows = await runHerd();
  });

  it('bare, every request is an attempt', () => {
    for (const row of rows.filter(({ name }) => name.endsWith('bare'))) {
      assert.deepEqual([row.firstWave, row.secondWave], [50, 50], row.name);
    }
  });

  it('guarded, each size is attempted once, and not again while its failure is held', () => {
    for (const row of rows.filter(({ name }) => name.endsWith('guarded'))) {
      assert.deepEqual([row.firstWave, row.secondWave], [10, 0], row.name);
    }
  });

  it('one upload frees every size', () => {
    for (const { name, recovered } of rows) assert.equal(recovered, 10, name);
  });
});
