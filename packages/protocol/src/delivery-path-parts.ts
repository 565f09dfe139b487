import { looksLikeComponent } from './component-text.ts';
import { decoded } from './decoded.ts';

/** How a cloud may be called. */
export const cloudNamePattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The raw pieces behind the delivery type, still percent-encoded. */
export interface PathParts {
  /** What stands between `s--` and `--`. */
  readonly signature: string | undefined;
  readonly components: readonly string[];
  /** `v123`; `undefined` when the path has none. */
  readonly version: string | undefined;
  /** Segments of the public ID; the last one may carry the extension. Never empty. */
  readonly id: readonly string[];
}

/**
 * Takes the segments behind the delivery type apart. With a version, everything before it is a component. Without one,
 * a leading segment is a component when it is written like one (`looksLikeComponent`). The last segment always belongs
 * to the public ID.
 */
export function splitPath(segments: readonly string[]): PathParts {
  const last = segments.length - 1;
  const signature = last > 0 ? readSignature(segments[0] ?? '') : undefined;
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

/** What follows the last dot of a segment is an extension; a dot at the very end says that there is none. */
export function splitExtension(segment: string): { readonly name: string; readonly extension: string | undefined } {
  const [, name, extension] = extensionPattern.exec(segment) ?? [];
  if (name !== undefined && extension !== undefined) return { name, extension: extension.toLowerCase() };
  // `..` stays what it is, so that it is refused by its name.
  if (segment.length > 1 && segment.endsWith('.') && segment !== '..')
    return { name: segment.slice(0, -1), extension: undefined };
  return { name: segment, extension: undefined };
}

/** Matched by length: 8 or 32 characters of base64url, which may begin or end with `-`. */
function readSignature(segment: string): string | undefined {
  return /^s--([A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{32})--$/.exec(segment)?.[1];
}

function isVersion(segment: string): boolean {
  return isVersionText(decoded(segment) ?? segment);
}

/**
 * Whether a path segment stands where a version may stand: `v` and digits. More than 15 digits are no version, since
 * they cannot be counted with exactly.
 */
export function isVersionText(segment: string): boolean {
  return /^v\d{1,15}$/.test(segment);
}

/**
 * The version that a segment names, in Unix seconds. `undefined` for what is no version, and for `v0` and `v1`: SDKs
 * write `v1` on their own for any public ID with a `/`, meaning the newest.
 */
export function readVersion(segment: string): number | undefined {
  if (!isVersionText(segment)) return undefined;
  const version = Number(segment.slice(1));
  return version > 1 ? version : undefined;
}
