import assert from 'node:assert/strict';

describe('mixed', () => {
  it('passes', () => undefined);
  it('fails', () => assert.deepEqual({ width: 1 }, { width: 2 }));
  it.skip('is skipped');
});
