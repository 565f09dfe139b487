import type { StoredValue } from '@safelight/core';

/**
 * A mark stands after its run, `@<run>.<mark>`, in the form in which a Keyv writes a value. All releases share marks, and
 * earlier ones read them by a Keyv, for which a text that is not JSON is an outage of the store.
 */
export function writeMark(mark: string, run: string | undefined): string {
  return JSON.stringify({ value: run === undefined ? mark : `@${run}.${mark}` });
}

/** @param run - the present run; a mark of another one counts as absent. `undefined`: runs are not compared */
export function readMark(text: unknown, run: string | undefined): string | undefined {
  const { value } = Object(typeof text === 'string' ? parsed(text) : undefined) as { readonly value?: unknown };
  if (typeof value !== 'string') return undefined;
  const written = /^@([^.]+)\.(.*)$/s.exec(value);
  if (written === null) return run === undefined ? value : undefined;
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
