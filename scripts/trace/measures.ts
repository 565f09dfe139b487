import type { Entry } from './trace.ts';

/** The files of a path, each once, in the order of the first entries. */
export function filesOf(entries: readonly Entry[]): readonly string[] {
  return [...new Set(entries.map(({ file }) => file))];
}

/** Counts the entries into a function of another file than the function entered before it. */
export function hopsOf(entries: readonly Entry[]): number {
  return entries.filter(({ file }, index) => index > 0 && file !== entries[index - 1]?.file).length;
}
