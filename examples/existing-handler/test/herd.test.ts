import assert from 'node:assert/strict';
import { type HerdRow, runHerd } from '../herd.ts';

describe('many requests at once, without and with the guard', () => {
  let rows: readonly HerdRow[];

  before(async () => {
    rows = await runHerd();
  });

  it('bare, every request is an attempt', () => {
    for (const row of rows.filter(({ name }) => name.endsWith('bare'))) {
      assert.deepEqual([row.inTurn, row.firstWave, row.secondWave], [10, 50, 50], row.name);
    }
  });

  it('guarded, each size is attempted once, and not again while its failure is cached', () => {
    for (const row of rows.filter(({ name }) => name.endsWith('guarded'))) {
      assert.deepEqual([row.inTurn, row.firstWave, row.secondWave], [10, 10, 0], row.name);
    }
  });

  it('guarded with a test for missing originals, one attempt counts for all sizes', () => {
    const recognising = rows.filter(({ name }) => name.includes('guarded with'));
    assert.equal(recognising.length, 2);
    for (const row of recognising) {
      assert.deepEqual([row.inTurn, row.secondWave], [1, 0], row.name);
      // Sizes that are requested at the same moment have no result yet that they could share.
      assert.ok(row.firstWave >= 1 && row.firstWave <= 10, `${row.name}: ${row.firstWave}`);
    }
  });

  it('after one upload every size is delivered', () => {
    for (const { name, recovered } of rows) assert.equal(recovered, 10, name);
  });
});
