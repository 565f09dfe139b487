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

/** The segment that names a version; `undefined` (the newest) is written `v1`. */
export function writeVersion(version: number | undefined): string {
  return `v${version ?? 1}`;
}

/** For sorting, oldest first; `undefined` means the newest and comes last. */
export function compareVersions(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  return (a ?? Number.POSITIVE_INFINITY) < (b ?? Number.POSITIVE_INFINITY) ? -1 : 1;
}

/**
 * The version of an upload: the time in whole seconds, or one more than the highest number that the asset ever had
 * (destroyed ones included), so that no number is used twice.
 * @param nowMs - epoch milliseconds
 */
export function nextVersion(nowMs: number, highest: number | undefined): number {
  return Math.max(Math.floor(nowMs / 1000), (highest ?? 0) + 1, 2);
}
