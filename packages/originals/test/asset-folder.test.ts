import assert from 'node:assert/strict';
import { basename, sep } from 'node:path';
import fc from 'fast-check';
import { assetFolder, objectKey, recordPath, versionsIn } from '../src/asset-folder.ts';

const anyVersion = fc.integer({ min: 1, max: 10 ** 15 - 1 });
const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const anyId = fc.string({ unit: 'binary', maxLength: 255 });

describe('the folder of an asset', () => {
  it('is two hex names, for any public ID', () => {
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

  it('distinguishes lone surrogates', () => {
    const [a, b] = ['\ud800', '\ud801'].map((publicId) => objectKey({ resourceType: 'image', publicId }));
    assert.notEqual(a, b);
  });
});

describe('the names of records', () => {
  it('are read back', () => {
    fc.assert(fc.property(anyVersion, (version) => assert.deepEqual(versionsIn([recordName(version)]), [version])));
  });

  it('have one spelling per number, and other names are not read', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.stringMatching(/^[0-9.+-]{1,20}(\.json)?$/)), (name) => {
        const [version] = versionsIn([name]);
        assert.ok(version === undefined || recordName(version) === name);
      }),
    );
    for (const name of ['0.json', '01.json', '1.json.tmp', '-1.json', '1e3.json', '9999999999999999.json', '1.bytes']) {
      assert.deepEqual(versionsIn([name]), []);
    }
  });
});

function recordName(version: number): string {
  return basename(recordPath(assetFolder('root', { resourceType: 'image', publicId: 'cat' }), version));
}
