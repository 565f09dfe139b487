/** Random decisions that are the same for the same seed. */
export interface SeededRandom {
  /** A number from 0 to 1, without 1. */
  fraction(): number;
  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number;
  pick<T>(values: readonly T[]): T;
  shuffled<T>(values: readonly T[]): T[];
  /** Other decisions, which do not depend on how many decisions were made here. */
  branch(name: string): SeededRandom;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  // Mulberry32, public domain.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    between,
    pick: (values) => values[between(0, values.length - 1)] as (typeof values)[number],
    shuffled: (values) =>
      values
        .map((value) => ({ value, order: fraction() }))
        .sort((a, b) => a.order - b.order)
        .map(({ value }) => value),
    branch: (name) =>
      seededRandom([...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), seed)),
  };
}
