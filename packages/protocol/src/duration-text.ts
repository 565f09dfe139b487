const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/**
 * Writes a duration for people, in its two largest units.
 *
 * @param ms - milliseconds; rounded up to whole seconds, negative values count as 0
 * @returns `ever` for `Infinity`, as in "for ever"
 * @example
 * durationText(107_000); // '1 min 47 s'
 * durationText(86_400_000); // '24 h'
 * durationText(183_600_000); // '2 d 3 h'
 */
export function durationText(ms: number): string {
  let rest = Math.ceil(Math.max(0, ms) / 1000) * 1000;
  if (!Number.isFinite(rest)) return 'ever';
  // Days are used above 24 hours only, so that one day is written `24 h`.
  const from = rest <= 86_400_000 ? 1 : 0;
  const first = units.findIndex(([, unit], at) => at >= from && rest >= unit);
  if (first === -1) return '0 s';
  const parts: string[] = [];
  for (const [name, unit] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}
