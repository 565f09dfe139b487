import assert from 'node:assert/strict';
import { isVersionText, readVersion } from '../src/delivery-path-parts.ts';
import { writeVersion } from '../src/format-delivery-path.ts';

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
});
