import type { IncomingMessage } from 'node:http';
import type { Guard, Originals } from '@safelight/core';
import { type ControlResponse, problemResponse } from '@safelight/express/runtime';
import { apiRoutes, decoded, publicIdProblem, type ResourceType } from '@safelight/protocol';
import { assetKey } from '../delivery/asset-key.ts';
import { type AuthSettings, isAdministrator } from '../upload-api/authenticate.ts';
import { describeAsset, describePublic } from '../upload-api/describe-asset.ts';

/** The cloud of the asset, and its parts that the status needs. */
export interface AssetStatusParts extends Pick<AuthSettings, 'credentials'> {
  /** The name of the cloud. */
  readonly name: string;
  readonly guard: Guard;
  readonly originals: Originals;
  readonly deliveryOrigin: (req: IncomingMessage) => string;
}

/**
 * Reports whether an original exists. When it does not exist, reports whether it is being uploaded to this process.
 *
 * @param path - resource type and public ID: the path below `/_safelight/assets/`
 */
export async function assetStatus(
  req: IncomingMessage,
  path: string,
  cloud: AssetStatusParts,
): Promise<ControlResponse> {
  const [resourceType = '', ...id] = path.split('/');
  const publicId = decoded(id.join('/'));
  if (!/^(image|video|raw)$/.test(resourceType) || publicId === undefined) {
    return problemResponse(
      400,
      `Expected ${apiRoutes.asset_status.path}, where {resource_type} is image, video or raw.`,
    );
  }
  const problem = publicIdProblem(publicId);
  if (problem !== undefined) return problemResponse(400, problem);

  const asset = { resourceType: resourceType as ResourceType, publicId };
  // Read before the look-up, so that an upload that completes in between is found.
  const target = { assets: [assetKey(cloud.name, asset)], derivation: '', version: undefined } as const;
  const pending = cloud.guard.isArriving(target) || (await cloud.guard.inspect(target)).isPending;
  const original = await cloud.originals.find(asset);
  if (original === undefined) {
    return { status: 200, body: { exists: false, ...(pending ? { pending } : {}) } };
  }
  if (!isAdministrator(req, cloud)) return { status: 200, body: { exists: true, ...describePublic(original) } };
  const origin = cloud.deliveryOrigin(req);
  const described = describeAsset(original, { cloudName: cloud.name, origin, apiSecret: undefined });
  return { status: 200, body: { exists: true, ...described, etag: original.etag } };
}
