const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const maxMs = 365 * 24 * 3_600_000;

/**
 * Reads a duration: a whole number and its unit, such as `500ms`, `1s`, `1m` or `24h`.
 * @returns milliseconds, from 1 to 365 days
 * @throws {RangeError} with the value and the expected form
 */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})(ms|s|m|h)$/.exec(text) ?? [];
  const durationMs = Number(digits) * (unitsMs[unit] ?? Number.NaN);
  if (!(durationMs >= 1 && durationMs <= maxMs)) {
    throw new RangeError(
      `"${text}" is not a duration; write a whole number and its unit, such as 500ms, 1s, 1m or 24h (1ms to 8760h).`,
    );
  }
  return durationMs;
}

/** Writes a duration in milliseconds as the shortest text: `90000` becomes `90s`, `60000` becomes `1m`. */
export function formatDuration(durationMs: number): string {
  const units = Object.entries(unitsMs).toReversed();
  const [unit, ms] = units.find(([, ms]) => durationMs >= ms && durationMs % ms === 0) ?? ['ms', 1];
  return `${durationMs / ms}${unit}`;
}
