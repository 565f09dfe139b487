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
