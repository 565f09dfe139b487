import type { IncomingMessage } from 'node:http';
import type { Guard, Original } from '@safelight/core';
import { type AssetStatus, publicIdProblem, type ResourceType } from '@safelight/protocol';
import { describeAsset } from '../api/asset-answer.ts';
import type { Cloud } from '../cloud.ts';
import { assetKey } from '../identify.ts';
import { isAdministrator } from './administrator.ts';
import { type ControlAnswer, problem } from './control-answer.ts';

/**
 * Says whether an original exists, by one look at where originals are, and when it does not, whether it is being uploaded
 * to this process.
 *
 * @param path - behind `/_safelight/assets/`
 */
export async function assetStatus(
  req: IncomingMessage,
  { path, query }: { readonly path: string; readonly query: URLSearchParams },
  { clouds, guard }: { readonly clouds: readonly Cloud[]; readonly guard: Guard },
): Promise<ControlAnswer> {
  const [resourceType = '', ...id] = path.split('/');
  const name = query.get('cloud');
  const cloud = name === null && clouds.length === 1 ? clouds[0] : clouds.find((one) => one.name === name);
  if (cloud === undefined) return problem(404, `There is no cloud ${JSON.stringify(name)} here.`);
  const publicId = decoded(id.join('/'));
  if (!/^(image|video|raw)$/.test(resourceType) || publicId === undefined) {
    return problem(400, 'Expected /_safelight/assets/<image|video|raw>/<public ID>?cloud=<name>.');
  }
  const wrong = publicIdProblem(publicId);
  if (wrong !== undefined) return problem(400, wrong);

  const asset = { resourceType: resourceType as ResourceType, publicId };
  // Before it is looked for: what arrives meanwhile is found.
  const pending = guard.isArriving({ assets: [assetKey(cloud.name, asset)], derivation: '', version: undefined });
  const original = await cloud.originals.find(asset);
  if (original === undefined) {
    return { status: 200, body: { exists: false, ...(pending ? { pending } : {}) } satisfies AssetStatus };
  }
  if (!isAdministrator(req, cloud)) return { status: 200, body: { exists: true, ...publicPart(original) } };
  const origin = cloud.deliveryOrigin(req);
  const described = describeAsset(original, { cloudName: cloud.name, origin, apiSecret: undefined });
  return { status: 200, body: { exists: true, ...described, etag: original.etag } };
}

/** What a page needs to build URLs; everything else is for the owner of the key. */
function publicPart({ publicId, resourceType, version, format, width, height, bytes }: Original): object {
  return { public_id: publicId, resource_type: resourceType, type: 'upload', version, format, width, height, bytes };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
