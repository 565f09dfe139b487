import assert from 'node:assert/strict';
import { defaultLadders, windowMs } from '@safelight/protocol';

describe('windowMs', () => {
  const rows: readonly (readonly [
    ladder: 'absence' | 'missing_version' | 'permanent' | 'transient',
    seconds: readonly number[],
  ])[] = [
    ['absence', [60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, 30_720, 61_440, 86_400, 86_400]],
    ['missing_version', [60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, 30_720, 61_440, 86_400, 86_400]],
    ['permanent', [60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, 30_720, 61_440, 86_400, 86_400]],
    ['transient', [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]],
  ];
  for (const [ladder, seconds] of rows) {
    it(`doubles the windows of ${ladder}`, () => {
      const windows = seconds.map((_, index) => windowMs(index + 1, defaultLadders[ladder]) / 1000);
      assert.deepEqual(windows, seconds);
    });
  }

  it('stays at maxMs for every further rung', () => {
    for (const rung of [100, 1024, 1025, 10 ** 6, Number.MAX_SAFE_INTEGER]) {
      assert.equal(windowMs(rung, defaultLadders.absence), 86_400_000);
    }
  });

  it('is at least one second', () => {
    assert.equal(windowMs(1, { firstMs: 0, maxMs: 0 }), 1000);
    assert.equal(windowMs(10 ** 6, { firstMs: 0, maxMs: 5000 }), 1000);
    assert.equal(windowMs(1, { firstMs: 100, maxMs: 60_000 }), 1000);
  });

  it('reads a rung below 1 as 1', () => {
    assert.equal(windowMs(0, defaultLadders.absence), 60_000);
    assert.equal(windowMs(-5, defaultLadders.absence), 60_000);
  });
});
