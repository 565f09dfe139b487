import { looksLikeComponent } from './component-text.ts';
import { decoded } from './decoded.ts';

/** The form of a cloud name. */
export const cloudNamePattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The parts of a path after the delivery type, percent-encoded. */
export interface PathParts {
  /** The text between `s--` and `--`. */
  readonly signature: string | undefined;
  readonly components: readonly string[];
  /** Such as `v123`; `undefined` when the path has no version. */
  readonly version: string | undefined;
  /** Segments of the public ID, at least one. The last may end in an extension. */
  readonly id: readonly string[];
}

/**
 * Divides the segments after the delivery type. If there is a version, every segment before it is a component.
 * Otherwise leading segments are components for as long as they look like components (`looksLikeComponent`). The last
 * segment always belongs to the public ID.
 */
export function splitPath(segments: readonly string[]): PathParts {
  const last = segments.length - 1;
  const signature = last > 0 ? signatureText(segments[0] ?? '') : undefined;
  const first = signature === undefined ? 0 : 1;
  const versionAt = segments.findIndex((segment, at) => at >= first && at < last && isVersion(segment));
  if (versionAt !== -1) {
    return {
      signature,
      components: segments.slice(first, versionAt),
      version: decoded(segments[versionAt] ?? ''),
      id: segments.slice(versionAt + 1),
    };
  }
  let idAt = first;
  while (idAt < last && looksLikeComponent(segments[idAt] ?? '')) idAt++;
  return { signature, components: segments.slice(first, idAt), version: undefined, id: segments.slice(idAt) };
}

const extensionPattern = /^(.+)\.([A-Za-z0-9]{1,10})$/s;

/** Divides a segment at its last dot. A segment that ends with a dot has no extension. */
export function splitExtension(segment: string): { readonly name: string; readonly extension: string | undefined } {
  const [, name, extension] = extensionPattern.exec(segment) ?? [];
  if (name !== undefined && extension !== undefined) return { name, extension: extension.toLowerCase() };
  // `..` stays unchanged, so that the message about it can quote it.
  if (segment.length > 1 && segment.endsWith('.') && segment !== '..')
    return { name: segment.slice(0, -1), extension: undefined };
  return { name: segment, extension: undefined };
}

/**
 * 8 or 32 characters of base64url. The length decides where the signature ends, because it may begin or end with `-`.
 */
function signatureText(segment: string): string | undefined {
  return /^s--([A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{32})--$/.exec(segment)?.[1];
}

function isVersion(segment: string): boolean {
  return isVersionText(decoded(segment) ?? segment);
}

/**
 * Whether a path segment has the form of a version: `v` and 1 to 15 digits. A JavaScript number cannot hold more digits
 * exactly.
 *
 * @example
 * isVersionText('v1719307544'); // true
 * isVersionText('v1'); // true
 * isVersionText('12'); // false
 */
export function isVersionText(segment: string): boolean {
  return /^v\d{1,15}$/.test(segment);
}

/**
 * Reads a path segment that names a version.
 *
 * @returns Unix seconds; `undefined` for any other segment, and for `v0` and `v1`, which mean the newest version
 *   (Cloudinary's SDKs write `v1` before every public ID with a `/`)
 * @example
 * readVersion('v1719307544'); // 1719307544
 * readVersion('v1'); // undefined
 */
export function readVersion(segment: string): number | undefined {
  if (!isVersionText(segment)) return undefined;
  const version = Number(segment.slice(1));
  return version > 1 ? version : undefined;
}
