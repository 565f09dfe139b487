import type { Delivery } from './delivery.ts';
import { cloudNamePattern, splitExtension, splitPath } from './delivery-path-parts.ts';
import { writePlaceholder } from './placeholder-reading.ts';
import { publicIdProblem } from './public-id.ts';
import { formatTransformation } from './transformation-text.ts';

/**
 * Writes the path of a delivery, percent-encoded as Cloudinary's SDKs do it. `parseDeliveryPath` reads it as the same
 * delivery, with the canonical transformation. Therefore the path has `v1/` if the public ID would be misread without a
 * version, and a trailing dot if the end of the public ID looks like an extension.
 *
 * @param options.signature - 8 or 32 characters, made from `deliveryStringToSign(delivery)`
 * @throws {TypeError} when the cloud name, the public ID or the extension is not valid
 * @throws {InvalidTransformationError} when the transformation is not valid
 * @example
 * const cat = { cloudName: 'demo', resourceType: 'image', publicId: 'cat', placeholder: undefined } as const;
 * const transformation = [{ width: 300, crop: 'fill' }] as const;
 * formatDeliveryPath({ ...cat, transformation, version: 12, extension: 'jpg' });
 * // '/demo/image/upload/c_fill,w_300/v12/cat.jpg'
 */
export function formatDeliveryPath(delivery: Delivery, { signature }: { readonly signature?: string } = {}): string {
  const texts = components(delivery);
  const id = encodeId(delivery);
  const version = delivery.version !== undefined || needsVersion(id.split('/')) ? [writeVersion(delivery.version)] : [];
  if (!cloudNamePattern.test(delivery.cloudName)) {
    const expected = 'Use letters, digits, ".", "_" and "-"; the first character must be a letter or a digit.';
    throw new TypeError(`Invalid cloud name ${JSON.stringify(delivery.cloudName)}. ${expected}`);
  }
  return [
    '',
    delivery.cloudName,
    delivery.resourceType,
    'upload',
    ...(signature === undefined ? [] : [`s--${signature}--`]),
    ...texts,
    ...version,
    id,
  ].join('/');
}

/**
 * The text that a delivery's signature covers: components and public ID with extension, without version. To sign it,
 * append the API secret, hash with SHA-1 or SHA-256, write the hash as base64url, and take the first 8 characters (with
 * SHA-256, 8 or 32).
 *
 * @throws {TypeError} when the public ID or the extension is not valid
 * @throws {InvalidTransformationError} when the transformation is not valid
 * @example
 * import { createHash } from 'node:crypto';
 * const parsed = parseDeliveryPath('/demo/image/upload/w_300/v12/cat.jpg');
 * if (parsed.ok) {
 *   const text = deliveryStringToSign(parsed.delivery); // 'c_scale,w_300/cat.jpg'
 *   const signature = createHash('sha1').update(`${text}my-api-secret`).digest('base64url').slice(0, 8);
 *   formatDeliveryPath(parsed.delivery, { signature });
 * }
 */
export function deliveryStringToSign(delivery: Delivery): string {
  return [...components(delivery), encodeId(delivery)].join('/');
}

function components({ placeholder, transformation }: Delivery): readonly string[] {
  const text = transformation.length === 0 ? '' : formatTransformation(transformation);
  return [
    ...(placeholder === undefined ? [] : [`d_${writePlaceholder(placeholder)}`]),
    ...(text === '' ? [] : [encodeURI(text)]),
  ];
}

function encodeId({ publicId, resourceType, extension }: Delivery): string {
  const problem = publicIdProblem(publicId, Number.MAX_SAFE_INTEGER);
  if (problem !== undefined) throw new TypeError(`Invalid public ID ${JSON.stringify(publicId)}: ${problem}`);
  const encoded = encodeURIComponent(publicId).replaceAll('%2F', '/').replaceAll('%3A', ':');
  if (extension !== undefined && !isExtension(extension)) {
    throw new TypeError(`Invalid extension ${JSON.stringify(extension)}. Use 1 to 10 lower-case letters and digits.`);
  }
  if (resourceType === 'raw' && extension === undefined) return encoded;
  const lastAt = encoded.lastIndexOf('/') + 1;
  return encoded.slice(0, lastAt) + joinExtension(encoded.slice(lastAt), extension);
}

function isExtension(text: string): boolean {
  return /^[a-z0-9]{1,10}$/.test(text);
}

/** The inverse of `splitExtension`. */
function joinExtension(name: string, extension: string | undefined): string {
  if (extension !== undefined) return `${name}.${extension}`;
  return splitExtension(name).name === name ? name : `${name}.`;
}

/**
 * Whether a public ID would be misread if the path had no version: one of its segments looks like a component or a
 * version.
 */
function needsVersion(id: readonly string[]): boolean {
  const parts = splitPath(id);
  return parts.id.length !== id.length;
}

/**
 * Writes the path segment that names a version.
 *
 * @param version - Unix seconds; `undefined` means the newest
 * @example
 * writeVersion(1_719_307_544); // 'v1719307544'
 * writeVersion(undefined); // 'v1'
 */
export function writeVersion(version: number | undefined): string {
  return `v${version ?? 1}`;
}
