import { type AssetRef, isResourceType, isTrueVersion, optionalFacts } from './asset-ref.ts';
import { SafelightError } from './safelight-error.ts';

/**
 * Reads the asset out of an answer of the upload API or of the control route. Checked by hand: what is wrong here would
 * otherwise become a wrong URL somewhere else.
 * @throws {SafelightError} `protocol`, naming the field
 */
export function readAssetAnswer(answer: unknown, from: string): AssetRef {
  const fields = readObject(answer, from);
  const { public_id: publicId, version, resource_type: resourceType, format } = fields;
  if (typeof publicId !== 'string' || publicId === '') {
    throw unexpected(from, 'public_id', publicId, 'a non-empty string');
  }
  if (!isTrueVersion(version)) {
    throw unexpected(from, 'version', version, 'the Unix seconds of the upload');
  }
  if (!isResourceType(resourceType)) {
    throw unexpected(from, 'resource_type', resourceType, 'image, video or raw');
  }
  if (resourceType !== 'raw' && (typeof format !== 'string' || format === '')) {
    throw unexpected(from, 'format', format, 'an extension such as jpg');
  }
  return {
    publicId,
    version,
    resourceType,
    format: typeof format === 'string' ? format : '',
    ...optionalFacts(fields),
  };
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

function unexpected(from: string, field: string, value: unknown, expected: string): SafelightError {
  const got = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
  return new SafelightError('protocol', `${from} answered ${got} as ${field}; expected ${expected}.`);
}
