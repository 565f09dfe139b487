import assert from 'node:assert/strict';
import type { AssetId, OriginalRecord } from '@safelight/core';
import fc from 'fast-check';
import {
  assetIdOf,
  chooseVersion,
  floorAfterUpload,
  floorOf,
  formatRecord,
  parseRecord,
  type VersionRecord,
  versionOfUpload,
} from '../src/version-records.ts';

const anyVersion = fc.integer({ min: 1, max: 10 ** 15 - 1 });
const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const anyAsset: fc.Arbitrary<AssetId> = fc.record({
  resourceType: fc.constantFrom('image', 'video', 'raw'),
  publicId: fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }),
});

function uploadOf(asset: AssetId, version: number, floor: number): VersionRecord {
  const fields = { assetId: 'a'.repeat(32), versionId: 'b'.repeat(32), etag: 'c'.repeat(32), createdAt: 0, bytes: 1 };
  return { ...asset, version, floor, original: { ...asset, version, format: 'jpg', ...fields } };
}

const anyRecord: fc.Arbitrary<VersionRecord> = fc
  .record({ asset: anyAsset, version: anyVersion, isGone: fc.boolean(), tags: fc.array(anyText), key: anyText })
  .map(({ asset, version, isGone, tags, key }) => {
    if (isGone) return { ...asset, version, floor: version };
    const upload = uploadOf(asset, version, version);
    return { ...upload, original: { ...(upload.original as OriginalRecord), tags, context: { [key]: key } } };
  });

describe('the text of a record', () => {
  it('is read back', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        assert.deepEqual(parseRecord(formatRecord(record), record, record.version), record);
      }),
    );
  });

  it('is unreadable when it is cut anywhere', () => {
    fc.assert(
      fc.property(anyRecord, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (record, share) => {
        const whole = formatRecord(record).trimEnd();
        assert.equal(parseRecord(whole.slice(0, Math.floor(share * whole.length)), record, record.version), undefined);
      }),
    );
  });

  it('is unreadable when a character of it has changed, or was never written', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), (record, at) => {
        const text = formatRecord(record);
        const index = text.indexOf('"record":') + (at % (text.length - text.indexOf('"record":') - 1));
        const changed = `${text.slice(0, index)}\u0000${text.slice(index + 1)}`;
        assert.equal(parseRecord(changed, record, record.version), undefined);
        assert.equal(parseRecord('\u0000'.repeat(text.length), record, record.version), undefined);
      }),
    );
    for (const text of ['', 'null', '[]', '{}', '{"checksum":1}', '"x"']) {
      assert.equal(parseRecord(text, { resourceType: 'image', publicId: 'cat' }, 1), undefined);
    }
  });

  it('is unreadable for another asset or version', () => {
    fc.assert(
      fc.property(anyRecord, anyAsset, (record, other) => {
        fc.pre(record.publicId !== other.publicId || record.resourceType !== other.resourceType);
        assert.equal(parseRecord(formatRecord(record), other, record.version), undefined);
        assert.equal(parseRecord(formatRecord(record), record, record.version + 1), undefined);
      }),
    );
  });
});

describe('the history of an asset', () => {
  const asset: AssetId = { resourceType: 'image', publicId: 'cat' };
  const anyStep = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('upload' as const), seconds: fc.integer({ min: -3, max: 3 }) }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: 'destroy' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'tear the newest' as const }) },
    { weight: 4, arbitrary: fc.constant({ kind: 'remove old ones' as const }) },
    // A writer that stalled after it chose a number, and creates the record only now.
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('late' as const), back: fc.integer({ min: 1, max: 9 }) }) },
  );

  it('never shows a number with other bytes, after any steps in any order', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), fc.integer({ min: 0, max: 3 }), (steps, maxVersions) => {
        const files = new Map<number, VersionRecord | 'torn'>();
        const shown = new Map<number, string>();
        let seconds = 100;
        let uploads = 0;
        const create = (record: VersionRecord): void => {
          if (!files.has(record.version)) files.set(record.version, record);
        };
        const uploadAs = (version: number, floor: number): void => {
          uploads += 1;
          const { original, ...rest } = uploadOf(asset, version, floor);
          create({ ...rest, original: { ...(original as OriginalRecord), versionId: String(uploads) } });
        };
        for (const step of steps) {
          const records = readable(files);
          const highest = Math.max(0, ...files.keys());
          if (step.kind === 'upload') {
            seconds += step.seconds;
            const version = versionOfUpload(seconds * 1000 + 999, highest);
            assert.ok(version > highest && version >= seconds);
            uploadAs(version, floorAfterUpload(records, { version, maxVersions }));
            assert.equal(chooseVersion(readable(files))?.versionId, String(uploads));
          } else if (step.kind === 'late') {
            const version = Math.max(1, highest - step.back);
            // Not after a record was torn: it may be the record with the floor that hides this number.
            if (files.has(version) || [...files.values()].includes('torn')) continue;
            uploadAs(version, 1);
            // The version was never visible, so the writer removes it.
            if (version < floorOf(records)) {
              assert.equal(chooseVersion(readable(files), version), undefined);
              files.delete(version);
            }
          } else if (step.kind === 'destroy') {
            create({ ...asset, version: highest + 1, floor: highest + 1 });
            assert.equal(chooseVersion(readable(files)), undefined);
            for (const version of files.keys()) assert.equal(chooseVersion(readable(files), version), undefined);
          } else if (step.kind === 'remove old ones') {
            for (const version of files.keys()) if (version < floorOf(records)) files.delete(version);
            assert.equal(Math.max(0, ...files.keys()), highest);
          } else if (records[0]?.version === highest && records[0].original !== undefined) {
            files.set(highest, 'torn');
          }
          for (const version of files.keys()) {
            const original = chooseVersion(readable(files), version);
            if (original === undefined) continue;
            assert.equal(shown.get(version) ?? original.versionId, original.versionId);
            shown.set(version, original.versionId);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has maxVersions older versions that are deliverable', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 5 }), (uploads, maxVersions) => {
        let records: readonly VersionRecord[] = [];
        for (let version = 1; version <= uploads; version += 1) {
          records = [uploadOf(asset, version, floorAfterUpload(records, { version, maxVersions })), ...records];
        }
        const deliverable = records.filter(({ version }) => chooseVersion(records, version) !== undefined);
        assert.equal(deliverable.length, Math.min(uploads, maxVersions + 1));
      }),
    );
  });
});

function readable(files: ReadonlyMap<number, VersionRecord | 'torn'>): readonly VersionRecord[] {
  return [...files.values()].filter((file) => file !== 'torn').sort((a, b) => b.version - a.version);
}

describe('the asset ID', () => {
  const cat = { resourceType: 'image', publicId: 'cat' } as const;
  const goneAt = (version: number): VersionRecord => ({ ...cat, version, floor: version });

  it('is the same for first uploads at the same time, and another one after a destroy', () => {
    assert.match(assetIdOf([], cat), /^[0-9a-f]{32}$/);
    assert.equal(assetIdOf([], cat), assetIdOf([], { ...cat }));
    assert.notEqual(assetIdOf([], cat), assetIdOf([goneAt(12)], cat));
    assert.notEqual(assetIdOf([], cat), assetIdOf([], { ...cat, publicId: 'cat,0' }));
  });

  it('is that of the current version, if there is one', () => {
    assert.equal(assetIdOf([uploadOf(cat, 13, 12), goneAt(12)], cat), 'a'.repeat(32));
  });
});
