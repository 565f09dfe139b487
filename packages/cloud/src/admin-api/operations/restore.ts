import type { AssetId } from '@safelight/core';
import type { RestoreResponse } from '@safelight/protocol';
import { z } from 'zod';
import { badRequest } from '../../upload-api/api-error.ts';
import { describeAsset } from '../../upload-api/describe-asset.ts';
import { checkedPublicId } from '../../upload-api/public-id.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';

/** A destroyed asset has no versions any more, so it cannot be restored. */
const nothing = { error: 'no_backup' } as const;

export const restore: AdminOperation = operation({
  name: 'restore',
  method: 'POST',
  path: 'resources/{resource_type}/{type}/restore',
  summary: 'Publishes older versions again, as new versions',
  shape: {
    resource_type: schemas.resourceType,
    type: z.string(),
    public_ids: schemas.ids,
    versions: schemas.ids.optional(),
  },
  async run({ resource_type: resourceType, public_ids: publicIds, versions }, call) {
    if (versions !== undefined && versions.length !== publicIds.length) {
      throw badRequest('Invalid value for parameter versions. Expected one version ID for each of public_ids');
    }
    const restored: [string, RestoreResponse[string]][] = [];
    for (const [index, publicId] of publicIds.entries()) {
      const asset = { resourceType, publicId: checkedPublicId(publicId) };
      restored.push([publicId, await restoreOne(asset, versions?.[index], call)]);
    }
    return Object.fromEntries(restored);
  },
});

/** @param version - a version ID, or the number of a version. Without one: the version before the current one */
async function restoreOne(
  asset: AssetId,
  version: string | undefined,
  { context: { originals, changes }, settings }: AdminCall,
): Promise<RestoreResponse[string]> {
  const known = await originals.versions(asset);
  const chosen =
    version === undefined
      ? known[1]
      : known.find(({ versionId, version: number }) => versionId === version || String(number) === version);
  if (chosen === undefined) return nothing;
  const published = await changes.inTurn(asset, () => originals.restore(asset, chosen.version));
  await changes.confirm([asset], 'The version is restored');
  return published === undefined ? nothing : describeAsset(published, settings);
}
