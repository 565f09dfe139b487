/**
 * Compares two versions, for `Array.prototype.sort`: the oldest first. `undefined` means the newest, and comes last.
 *
 * @example
 * [30, 2, 10].sort(compareVersions); // [2, 10, 30]
 * compareVersions(undefined, 5); // 1
 */
export function compareVersions(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  return (a ?? Number.POSITIVE_INFINITY) < (b ?? Number.POSITIVE_INFINITY) ? -1 : 1;
}

/**
 * The version of a new upload: the current time in Unix seconds, or one more than the highest version that the asset
 * ever had, so that an asset never has the same version twice.
 *
 * @param nowMs - epoch milliseconds
 * @param highest - the highest version of the asset, including versions that were destroyed; `undefined` if it had none
 * @returns at least 2, because `v0` and `v1` in a URL mean the newest version
 * @example
 * nextVersion(1_719_307_544_999, undefined); // 1719307544
 * nextVersion(1_719_307_544_999, 1_719_307_544); // 1719307545
 */
export function nextVersion(nowMs: number, highest: number | undefined): number {
  return Math.max(Math.floor(nowMs / 1000), (highest ?? 0) + 1, 2);
}
