import type { Client } from '../client.ts';
import type { FoundAsset } from '../lists/list-options.ts';
import { SafelightError } from '../safelight-error.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';

/** The lists of a fake client: it knows public IDs and resource types, and neither tags nor context. */
export function createFakeLists(all: () => readonly UploadedAsset[]): Pick<Client, 'list' | 'search' | 'images'> {
  const listed = (resourceType = 'image', prefix = ''): readonly UploadedAsset[] =>
    all()
      .filter((asset) => asset.resourceType === resourceType && asset.publicId.startsWith(prefix))
      .sort((a, b) => (a.publicId < b.publicId ? -1 : 1));

  return {
    async list({ resourceType, prefix, limit = 50, after, tag, context, assetFolder } = {}) {
      if (tag ?? context ?? assetFolder) throw unsupported('lists by tag, context or asset folder');
      const assets = listed(resourceType, prefix);
      const start = after === undefined ? 0 : Number(after);
      const end = start + limit;
      return { assets: assets.slice(start, end).map(found), next: end < assets.length ? String(end) : undefined };
    },
    async search() {
      throw unsupported('searches');
    },
    async *images({ tag, folder } = {}) {
      if (tag !== undefined) throw unsupported('lists by tag');
      yield* listed('image', folder === undefined ? '' : `${folder}/`);
    },
  };
}

function found(asset: UploadedAsset): FoundAsset {
  return { asset, tags: [], context: {}, displayName: asset.publicId, createdAt: new Date(asset.version * 1000) };
}

function unsupported(what: string): SafelightError {
  return new SafelightError('unsupported', `A fake client has no ${what}.`, {
    hint: 'Replace this function in the test.',
  });
}
