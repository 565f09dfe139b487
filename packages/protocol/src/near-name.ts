/** Longer texts are no misspelt names; comparing them would only cost time. */
const maxLength = 32;

/**
 * The name that was probably meant, whatever its capitals: at most one slip (a wrong, missing, added or swapped letter)
 * for short names, two from six letters on. `undefined` when nothing is near.
 */
export function nearName(text: string, names: readonly string[]): string | undefined {
  if (text.length === 0 || text.length > maxLength) return undefined;
  const lower = text.toLowerCase();
  let best: string | undefined;
  let bestSlips = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const allowed = name.length < 3 ? 0 : name.length < 6 ? 1 : 2;
    const known = name.toLowerCase();
    // Of two names that are equally near, the unfinished one is likelier than the misspelt one.
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
