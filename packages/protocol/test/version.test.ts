import assert from 'node:assert/strict';
import { compareVersions, isVersionText, nextVersion, readVersion, writeVersion } from '@safelight/protocol';

describe('versions', () => {
  it('are read and written', () => {
    assert.equal(readVersion('v1719307544'), 1_719_307_544);
    assert.equal(readVersion(writeVersion(12)), 12);
    assert.equal(writeVersion(undefined), 'v1');
  });

  it('mean the newest as v0 and v1', () => {
    for (const text of ['v1', 'v0', 'v001']) {
      assert.equal(isVersionText(text), true);
      assert.equal(readVersion(text), undefined);
    }
  });

  it('have no other form', () => {
    for (const text of ['v', '12', 'V12', 'v12a', 'v-1', 'v1.5', 'v1234567890123456', '']) {
      assert.equal(isVersionText(text), false, text);
      assert.equal(readVersion(text), undefined);
    }
  });

  it('sort from the oldest to the newest', () => {
    assert.deepEqual([30, 2, 10].sort(compareVersions), [2, 10, 30]);
    assert.equal(compareVersions(undefined, 5), 1);
    assert.equal(compareVersions(5, undefined), -1);
    assert.equal(compareVersions(undefined, undefined), 0);
  });
});

describe('nextVersion', () => {
  const rows: readonly (readonly [nowMs: number, highest: number | undefined, next: number])[] = [
    [1_719_307_544_999, undefined, 1_719_307_544],
    [1_719_307_544_000, 1_719_307_543, 1_719_307_544],
    [1_719_307_544_000, 1_719_307_544, 1_719_307_545],
    [1_719_307_544_000, 1_719_307_600, 1_719_307_601],
    [0, undefined, 2],
  ];
  for (const [nowMs, highest, next] of rows) {
    it(`is ${next} at ${nowMs} after ${highest}`, () => assert.equal(nextVersion(nowMs, highest), next));
  }
});
