import type { AssetDescription, Received } from '@safelight/protocol';
import { type AssetRef, parseAssetRef } from './asset-ref.ts';
import { SafelightError } from './safelight-error.ts';

/**
 * Reads the asset from a response of the upload API or of the control route. It is validated like a stored reference,
 * because a wrong field would otherwise become a wrong URL later.
 * @param from - the method and the URL of the request, for the message
 * @throws {SafelightError} `protocol`, naming the field
 */
export function readAssetResponse(body: unknown, from: string): AssetRef {
  const { public_id: publicId, resource_type: resourceType, format, ...others } = fieldsOf<AssetDescription>(body);
  try {
    return parseAssetRef({ ...others, publicId, resourceType, format: format ?? '' });
  } catch (cause) {
    throw new SafelightError('protocol', `The response to ${from} is not an asset: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The fields of a JSON body, not checked; none when it is not an object. */
export function fieldsOf<Body>(body: unknown): Received<Body> {
  return Object(body) as Received<Body>;
}
