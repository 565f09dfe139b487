import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CiPlan, ciPlans, type SuitePlan, testPlans } from './suite-plans.ts';

/** Test files that run in one process, one after the other. */
export interface TestSuite {
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether no other suite runs at the same time. */
  readonly isAlone: boolean;
}

/** `ci`: the tests that are too long for `test`. `deep`: the longest version of all tests. */
export type TestRun = 'test' | 'ci' | 'deep';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The suites of a run, in the order in which they start.
 *
 * @param places - limits the run to these files and folders; empty: the whole run
 */
export function testSuites(run: TestRun, places: readonly string[]): readonly TestSuite[] {
  const all = globSync('{packages/*/,examples/*/,}test/**/*.test.ts', { cwd: root }).sort();
  const onlyInCi = ciPlans.filter(({ isOtherBrowser, isOtherCases }) => !isOtherBrowser && !isOtherCases);
  const isOnlyInCi = (file: string): boolean => onlyInCi.some((plan) => hasFile(plan, file));
  const inOtherBrowser = ciPlans.filter(({ isOtherBrowser }) => isOtherBrowser === true);
  const ofTest = all.filter((file) => !isOnlyInCi(file));
  const withOtherCases = ofTest.filter(hasOtherCases);
  // A place that was named is tested as a whole.
  const cases = (part: 'first' | 'other') => (places.length === 0 ? { SAFELIGHT_CASES: part } : {});
  const env = { SAFELIGHT_LONG: '1', SAFELIGHT_DEEP: '1' };
  const suites = {
    test: () => suitesOf(testPlans, ofTest, cases('first')),
    ci: () => [
      ...browsersFirst(suitesOf([...onlyInCi, ...inOtherBrowser], all, {})),
      ...suitesOf(
        ciPlans.filter(({ isOtherCases }) => isOtherCases === true),
        withOtherCases,
        cases('other'),
      ),
    ],
    deep: () => [...suitesOf(testPlans, ofTest, env), ...suitesOf([...onlyInCi, ...inOtherBrowser], all, env)],
  }[run]();
  if (places.length === 0) return suites;
  const wanted = suites.map((suite) => ({ ...suite, files: suite.files.filter((file) => isIn(places, file)) }));
  return wanted.filter(({ files }) => files.length > 0);
}

/** Whether a file has cases that only `pnpm test:ci` has. */
function hasOtherCases(file: string): boolean {
  return readFileSync(join(root, file), 'utf8').includes('/cases-of-run.ts');
}

/** Browsers take longest, and they mostly wait. */
function browsersFirst(suites: readonly TestSuite[]): readonly TestSuite[] {
  const isForBrowser = ({ env }: TestSuite): boolean => env['SAFELIGHT_BROWSER'] !== undefined;
  return [...suites.filter(isForBrowser), ...suites.filter((suite) => !isForBrowser(suite))];
}

function suitesOf(
  plans: readonly (SuitePlan & Pick<CiPlan, 'isAlone'>)[],
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): readonly TestSuite[] {
  return plans.flatMap((plan, index) => {
    const isTaken = (file: string): boolean => plans.slice(0, index).some((earlier) => hasFile(earlier, file));
    const own = files.filter((file) => hasFile(plan, file) && !isTaken(file));
    const { name, browsers, isAlone = false } = plan;
    if (browsers === undefined) return [{ name, files: own, env, isAlone }];
    return browsers.map((browser) => ({
      name: `${name} in ${browser}`,
      files: own,
      env: { ...env, SAFELIGHT_BROWSER: browser },
      isAlone,
    }));
  });
}

function hasFile({ patterns }: SuitePlan, file: string): boolean {
  return patterns.some((pattern) => matchesGlob(file, pattern));
}

function isIn(places: readonly string[], file: string): boolean {
  return places.some((place) => {
    const path = relative(root, resolve(place));
    return path === '' || file === path || file.startsWith(path + sep);
  });
}
