import { looksLikeComponent } from './component-text.ts';
import { decoded } from './decoded.ts';
import { isVersionText } from './version.ts';

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

/** Whether a public ID would be misread when nothing but components stands before it, so that a version must. */
export function needsVersion(id: readonly string[]): boolean {
  const parts = splitPath(id);
  return parts.id.length !== id.length;
}

const extensionPattern = /^(.+)\.([A-Za-z0-9]{1,10})$/s;

export function isExtension(text: string): boolean {
  return /^[a-z0-9]{1,10}$/.test(text);
}

/** What follows the last dot of a segment is an extension; a dot at the very end says that there is none. */
export function splitExtension(segment: string): { readonly name: string; readonly extension: string | undefined } {
  const [, name, extension] = extensionPattern.exec(segment) ?? [];
  if (name !== undefined && extension !== undefined) return { name, extension: extension.toLowerCase() };
  // `..` stays what it is, so that it is refused by its name.
  if (segment.length > 1 && segment.endsWith('.') && segment !== '..')
    return { name: segment.slice(0, -1), extension: undefined };
  return { name: segment, extension: undefined };
}

/** The inverse of `splitExtension`. */
export function joinExtension(name: string, extension: string | undefined): string {
  if (extension !== undefined) return `${name}.${extension}`;
  return splitExtension(name).name === name ? name : `${name}.`;
}

/** Matched by length: 8 or 32 characters of base64url, which may begin or end with `-`. */
function readSignature(segment: string): string | undefined {
  return /^s--([A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{32})--$/.exec(segment)?.[1];
}

function isVersion(segment: string): boolean {
  return isVersionText(decoded(segment) ?? segment);
}
