import { type AssetRef, parseAssetRef } from './asset-ref.ts';
import { SafelightError } from './safelight-error.ts';

/**
 * Reads the asset out of an answer of the upload API or of the control route. Checked like a reference that has been
 * stored: what is wrong here would otherwise become a wrong URL somewhere else.
 * @throws {SafelightError} `protocol`, naming the field
 */
export function readAssetAnswer(answer: unknown, from: string): AssetRef {
  const { public_id: publicId, resource_type: resourceType, format, ...facts } = readObject(answer, from);
  try {
    return parseAssetRef({ ...facts, publicId, resourceType, format: format ?? '' });
  } catch (cause) {
    throw new SafelightError('protocol', `${from} answered no asset.`, { hint: (cause as Error).message, cause });
  }
}

/** @throws {SafelightError} `protocol` when the answer is no JSON object */
export function readObject(answer: unknown, from: string): Readonly<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new SafelightError('protocol', `${from} answered something that is no JSON object.`, {
      hint: 'Check that the endpoint is a Safelight or Cloudinary server.',
    });
  }
  return answer as Readonly<Record<string, unknown>>;
}
