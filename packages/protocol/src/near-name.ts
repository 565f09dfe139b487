/** Longer texts are not compared: they are not misspelt names, and the comparison takes time. */
const maxLength = 32;

/**
 * The most similar name, ignoring case. A name with 3 to 5 letters may differ by one slip (a wrong, missing, added or
 * swapped letter), a longer name by two; a shorter name must be equal.
 *
 * @returns `undefined` when no name is similar
 * @example
 * nearName('widht', ['width', 'height']); // 'width'
 */
export function nearName(text: string, names: readonly string[]): string | undefined {
  if (text.length === 0 || text.length > maxLength) return undefined;
  const lower = text.toLowerCase();
  let best: string | undefined;
  let bestSlips = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const allowed = name.length < 3 ? 0 : name.length < 6 ? 1 : 2;
    const known = name.toLowerCase();
    // Of two names with as many slips, prefer the one that begins with the text: it is probably unfinished.
    const slips = countSlips(lower, known) - (known.startsWith(lower) ? 0.5 : 0);
    if (slips <= allowed && slips < bestSlips) {
      best = name;
      bestSlips = slips;
    }
  }
  return best;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function countSlips(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
