import assert from 'node:assert/strict';
import { cacheTags } from '@safelight/protocol';
import fc from 'fast-check';
import { publicIds } from './arbitraries.ts';

describe('cacheTags', () => {
  it('contain the public ID if it fits', () => {
    assert.deepEqual(cacheTags({ resourceType: 'image', publicId: 'cat-1.x' }), ['image-cat-1.x']);
  });

  it('contain a hash of a public ID that does not fit, always the same', () => {
    assert.deepEqual(cacheTags({ resourceType: 'image', publicId: 'animals/cat' }), ['image_8c08f1a8c8442d41']);
  });

  it('differ for another case and another resource type', () => {
    const assets = [
      { resourceType: 'image', publicId: 'cat' },
      { resourceType: 'image', publicId: 'Cat' },
      { resourceType: 'video', publicId: 'cat' },
      { resourceType: 'image', publicId: '猫' },
      { resourceType: 'image', publicId: 'c'.repeat(27) },
    ] as const;
    assert.equal(new Set(assets.flatMap(cacheTags)).size, assets.length);
  });

  it('have only the characters and the length that every CDN accepts', () => {
    const resourceTypes = fc.constantFrom('image' as const, 'video' as const, 'raw' as const);
    fc.assert(
      fc.property(publicIds, resourceTypes, (publicId, resourceType) => {
        for (const tag of cacheTags({ publicId, resourceType })) assert.match(tag, /^[a-z0-9][a-z0-9._-]{0,31}$/);
      }),
    );
  });
});
