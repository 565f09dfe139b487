import type { Entry } from './trace.ts';

/** The files of a path, each once, in the order of their first entry. */
export function filesOf(entries: readonly Entry[]): readonly string[] {
  return [...new Set(entries.map(({ file }) => file))];
}

/** How often a function is entered that lies in another file than the function that was entered before it. */
export function hopsOf(entries: readonly Entry[]): number {
  return entries.filter(({ file }, index) => index > 0 && file !== entries[index - 1]?.file).length;
}
