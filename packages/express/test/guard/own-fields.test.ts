import assert from 'node:assert/strict';
import { entriesOf, ownFields } from '../../src/guard/own-fields.ts';

describe('the fields that a handler has set itself', () => {
  it('are those with another value than before', () => {
    const before = { vary: 'Origin', 'set-cookie': ['a=1'], 'x-same': 1 };
    const now = { vary: 'Origin, Accept', 'set-cookie': ['a=1', 'b=2'], 'x-same': '1', etag: '"a"' };
    assert.deepEqual(ownFields(now, undefined, before), {
      ...{ vary: 'Origin, Accept', 'set-cookie': ['a=1', 'b=2'], etag: '"a"' },
    });
    assert.deepEqual(ownFields({ 'set-cookie': ['a=1'] }, undefined, before), {});
  });

  for (const written of [
    { ETag: '"b"', 'X-A': 1 },
    ['ETag', '"b"', 'X-A', 1],
    [
      ['ETag', '"b"'],
      ['X-A', 1],
    ],
  ]) {
    it(`include those of writeHead: ${JSON.stringify(written)}`, () => {
      assert.deepEqual(ownFields({ etag: '"a"' }, written, {}), { etag: '"b"', 'x-a': '1' });
      assert.deepEqual(entriesOf(written), [
        ['ETag', '"b"'],
        ['X-A', 1],
      ]);
    });
  }

  it('are none for a status alone', () => {
    assert.deepEqual([ownFields({}, 404, {}), entriesOf('Not Found'), entriesOf(null)], [{}, [], []]);
  });
});
