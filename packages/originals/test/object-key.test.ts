import assert from 'node:assert/strict';
import { sep } from 'node:path';
import fc from 'fast-check';
import { firstAssetId, objectKey } from '../src/object-key.ts';

const anyId = fc.string({ unit: 'binary', maxLength: 255 });

describe('the folder of an asset', () => {
  it('is two hex names, whatever the public ID is', () => {
    fc.assert(
      fc.property(anyId, (publicId) => {
        const [shard = '', name = '', ...more] = objectKey({ resourceType: 'image', publicId }).split(sep);
        assert.match(shard, /^[0-9a-f]{2}$/);
        assert.match(name, /^[0-9a-f]{62}$/);
        assert.deepEqual(more, []);
      }),
    );
  });

  it('belongs to one asset', () => {
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        const same =
          objectKey({ resourceType: 'image', publicId: a }) === objectKey({ resourceType: 'image', publicId: b });
        assert.equal(same, a === b);
        assert.notEqual(
          objectKey({ resourceType: 'image', publicId: a }),
          objectKey({ resourceType: 'raw', publicId: a }),
        );
      }),
    );
  });

  it('does not confuse lone surrogates', () => {
    const [a, b] = ['\ud800', '\ud801'].map((publicId) => objectKey({ resourceType: 'image', publicId }));
    assert.notEqual(a, b);
  });
});

describe('the first asset ID', () => {
  it('is the same for who uploads at once, and another one after a destroy', () => {
    const cat = { resourceType: 'image', publicId: 'cat' } as const;
    assert.match(firstAssetId(cat, 0), /^[0-9a-f]{32}$/);
    assert.equal(firstAssetId(cat, 0), firstAssetId({ ...cat }, 0));
    assert.notEqual(firstAssetId(cat, 0), firstAssetId(cat, 12));
    assert.notEqual(firstAssetId(cat, 0), firstAssetId({ ...cat, publicId: 'cat,0' }, 0));
  });
});
