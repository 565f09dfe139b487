import type { Delivery } from './delivery.ts';
import { cloudNamePattern, splitExtension, splitPath } from './delivery-path-parts.ts';
import { writePlaceholder } from './placeholder-reading.ts';
import { publicIdProblem } from './public-id.ts';
import { formatTransformation } from './transformation-text.ts';

/**
 * The path of a delivery, percent-encoded as official SDKs do it. Reading it gives the same delivery again (whose
 * transformation is canonical): `v1/` is written where the public ID would be misread without a version, and a dot
 * is put behind a public ID whose end looks like an extension.
 * @param options.signature - 8 or 32 characters, made over `deliveryStringToSign(delivery)`
 * @throws {TypeError} when the cloud name, the public ID or the extension cannot be written
 * @throws {InvalidTransformationError} when the transformation is not valid
 */
export function formatDeliveryPath(delivery: Delivery, { signature }: { readonly signature?: string } = {}): string {
  const texts = components(delivery);
  const id = encodeId(delivery);
  const version = delivery.version !== undefined || needsVersion(id.split('/')) ? [writeVersion(delivery.version)] : [];
  if (!cloudNamePattern.test(delivery.cloudName)) throw new TypeError(`Invalid cloud name: ${delivery.cloudName}`);
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
 * The text that a delivery's signature covers: components and public ID with extension, without version. Append the
 * secret, hash with SHA-1 or SHA-256, write as base64url and keep 8 (or, SHA-256 only, 32) characters.
 * @throws as `formatDeliveryPath`
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
    throw new TypeError(`Invalid extension ${JSON.stringify(extension)}: up to 10 lower-case letters and digits.`);
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

/** Whether a public ID would be misread when nothing but components stands before it, so that a version must. */
function needsVersion(id: readonly string[]): boolean {
  const parts = splitPath(id);
  return parts.id.length !== id.length;
}

/** The segment that names a version; `undefined` (the newest) is written `v1`. */
export function writeVersion(version: number | undefined): string {
  return `v${version ?? 1}`;
}
