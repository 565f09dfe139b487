import assert from 'node:assert/strict';
import { type HerdRow, runHerd } from '../herd.ts';

describe('a herd before the guard and behind it', () => {
  let rows: readonly HerdRow[];

  before(async () => {
    rows = await runHerd();
  });

  it('bare, every request is an attempt', () => {
    for (const row of rows.filter(({ name }) => name.endsWith('bare'))) {
      assert.deepEqual([row.inTurn, row.firstWave, row.secondWave], [10, 50, 50], row.name);
    }
  });

  it('guarded, each size is attempted once, and not again while its failure is held', () => {
    for (const row of rows.filter(({ name }) => name.endsWith('guarded'))) {
      assert.deepEqual([row.inTurn, row.firstWave, row.secondWave], [10, 10, 0], row.name);
    }
  });

  it('guarded with a test for missing originals, one attempt counts for all sizes', () => {
    const knowing = rows.filter(({ name }) => name.includes('guarded with'));
    assert.equal(knowing.length, 2);
    for (const row of knowing) {
      assert.deepEqual([row.inTurn, row.secondWave], [1, 0], row.name);
      // Sizes that are asked for in the same moment have nothing yet that they could share.
      assert.ok(row.firstWave >= 1 && row.firstWave <= 10, `${row.name}: ${row.firstWave}`);
    }
  });

  it('one upload frees every size', () => {
    for (const { name, recovered } of rows) assert.equal(recovered, 10, name);
  });
});
