import type { AssetDescription, Received } from '@safelight/protocol';
import { type AssetRef, parseAssetRef } from './asset-ref.ts';
import { SafelightError } from './safelight-error.ts';

/**
 * Reads the asset from a response of the upload API or of the control route. It is validated like a stored reference,
 * because a wrong field would otherwise become a wrong URL later.
 * @throws {SafelightError} `protocol`, naming the field
 */
export function readAssetResponse(response: unknown, from: string): AssetRef {
  const { public_id: publicId, resource_type: resourceType, format, ...facts } = fieldsOf<AssetDescription>(response);
  try {
    return parseAssetRef({ ...facts, publicId, resourceType, format: format ?? '' });
  } catch (cause) {
    throw new SafelightError('protocol', `${from} answered no asset: ${(cause as Error).message}`, { cause });
  }
}

/** The fields of a response's body, not checked; none when it is not an object. */
export function fieldsOf<Body>(response: unknown): Received<Body> {
  return Object(response) as Received<Body>;
}
