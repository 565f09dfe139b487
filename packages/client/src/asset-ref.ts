import { publicIdProblem, type ResourceType } from '@safelight/protocol';
import { SafelightError } from './safelight-error.ts';

/** What is known of one uploaded version of an asset, as plain data: the form to store, to send and to serialise. */
export interface AssetRef {
  readonly publicId: string;
  /** Unix seconds of the upload. It is the proof that the original exists, so there is no reference without it. */
  readonly version: number;
  readonly resourceType: ResourceType;
  /** Canonical extension of the original (`jpg`); empty for raw files without one. */
  readonly format: string;
  /** Pixels of the original. */
  readonly width?: number;
  readonly height?: number;
  /** Size of the original. */
  readonly bytes?: number;
  readonly thumbhash?: string;
}

/**
 * Reads a reference that has been stored somewhere, for example `JSON.parse(row.asset)`. Unknown fields are dropped.
 * @throws {SafelightError} `invalid_asset_ref`, naming the field and what was expected
 */
export function parseAssetRef(value: unknown): AssetRef {
  if (typeof value !== 'object' || value === null) {
    throw refuse(
      `${describe(value)} is no asset reference`,
      'Give an object such as JSON.parse(JSON.stringify(asset)).',
    );
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const { publicId, version, resourceType, format } = fields;
  if (typeof publicId !== 'string') {
    throw refuse(`publicId is ${describe(publicId)}; expected a string`);
  }
  const problem = publicIdProblem(publicId);
  if (problem !== undefined) {
    throw refuse(`publicId is ${describe(publicId)}`, problem);
  }
  if (!isTrueVersion(version)) {
    throw refuse(
      `the version of "${publicId}" is ${describe(version)}; expected the Unix seconds of its upload`,
      '0 and 1 are what SDKs write when they know no version. Take the version from the upload answer, or ask client.find().',
    );
  }
  if (!isResourceType(resourceType)) {
    throw refuse(`the resourceType of "${publicId}" is ${describe(resourceType)}; expected image, video or raw`);
  }
  if (typeof format !== 'string' || (format === '' && resourceType !== 'raw')) {
    throw refuse(`the format of "${publicId}" is ${describe(format)}; expected an extension such as jpg`);
  }
  return { publicId, version, resourceType, format, ...optionalFacts(fields) };
}

/** Whether a number can be the version of an upload: SDKs invent `v1` (and `v0`), which mean "I do not know". */
export function isTrueVersion(version: unknown): version is number {
  return typeof version === 'number' && Number.isSafeInteger(version) && version > 1;
}

export function isResourceType(value: unknown): value is ResourceType {
  return value === 'image' || value === 'video' || value === 'raw';
}

/** The facts that a picture may or may not have; what is absent or senseless stays absent. */
export function optionalFacts(
  fields: Readonly<Record<string, unknown>>,
): Pick<AssetRef, 'width' | 'height' | 'bytes' | 'thumbhash'> {
  const { width, height, bytes, thumbhash } = fields;
  return {
    ...(isCount(width) && width > 0 ? { width } : {}),
    ...(isCount(height) && height > 0 ? { height } : {}),
    ...(isCount(bytes) ? { bytes } : {}),
    ...(typeof thumbhash === 'string' ? { thumbhash } : {}),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function describe(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? `a ${typeof value}`).slice(0, 80);
}

function refuse(what: string, hint?: string): SafelightError {
  return new SafelightError('invalid_asset_ref', `No URL can be built: ${what}.`, { hint });
}
