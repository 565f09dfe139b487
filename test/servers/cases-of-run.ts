/**
 * `first`: this is `pnpm test`, which has the first case of such a test. `other`: this is `pnpm test:ci`, which has the others.
 * @default all cases, such as for a file or a folder that was named
 */
const part = process.env['SAFELIGHT_CASES'];

/**
 * The cases that this run has. A case that differs little from the first one, such as another framework, waits for
 * `pnpm test:ci`. Plans with `isOtherCases` in `scripts/test/suite-plans.ts` find the files that import this module.
 *
 * @param firstCount - how many cases `pnpm test` has
 */
export function casesOfRun<T>(cases: readonly T[], firstCount = 1): readonly T[] {
  if (part === undefined) return cases;
  return part === 'first' ? cases.slice(0, firstCount) : cases.slice(firstCount);
}

/** How often this run repeats a test with random input. */
export function repetitionsOfRun({ first, all }: { readonly first: number; readonly all: number }): number {
  return part === 'first' ? first : all;
}
