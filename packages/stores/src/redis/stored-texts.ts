import type { StoredValue } from '@safelight/core';

/** A mark stands after its run, in one text: `@<run> <mark>`. */
export function writeMark(mark: string, run: string | undefined): string {
  return run === undefined ? mark : `@${run} ${mark}`;
}

/** @param run - the present run; a mark of another one counts as absent. `undefined`: runs are not compared */
export function readMark(text: unknown, run: string | undefined): string | undefined {
  if (typeof text !== 'string' || text.startsWith('{')) return undefined;
  const written = /^@(\S+) (.*)$/s.exec(text);
  if (written === null) return run === undefined ? text : undefined;
  return run === undefined || written[1] === run ? written[2] : undefined;
}

export function readRecord(text: unknown): StoredValue | undefined {
  const value = typeof text === 'string' ? parsed(text) : undefined;
  return typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One year: longer than any TTL of the guard, and small enough for the expiry arithmetic of all servers. */
const maxTtlMs = 365 * 24 * 60 * 60 * 1000;

/** Whole milliseconds from 1 to one year: Redis refuses others. */
export function toTtlMs(ttlMs: number): number {
  return Math.min(Math.max(Math.ceil(ttlMs) || 1, 1), maxTtlMs);
}
