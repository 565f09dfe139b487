import { runSuite, type SuiteRun } from './run-suite.ts';
import type { TestSuite } from './test-suites.ts';

export interface RunSuitesOptions {
  /** More options for mocha. */
  readonly flags: readonly string[];
  /** Maximum number of suites at the same time. */
  readonly jobs: number;
  readonly maxSuiteMs: number;
}

/** Runs suites in their order, first those that run alone. The output of a suite is printed when the suite has ended, so that outputs do not mix. */
export async function runSuites(
  suites: readonly TestSuite[],
  { flags, jobs, maxSuiteMs }: RunSuitesOptions,
): Promise<readonly SuiteRun[]> {
  const runs: SuiteRun[] = [];
  const work = async (waiting: Iterable<TestSuite>): Promise<void> => {
    for (const suite of waiting) {
      console.log(`+++ ${suite.name}`);
      const run = await runSuite(suite, flags, maxSuiteMs);
      console.log(`--- ${suite.name}, ${(run.ms / 1000).toFixed(1)} s`);
      console.log(run.output);
      runs.push(run);
    }
  };
  await work(suites.filter(({ isAlone }) => isAlone));
  // All workers take from the same iterator: each suite is taken once.
  const waiting = suites.filter(({ isAlone }) => !isAlone).values();
  await Promise.all(Array.from({ length: jobs }, () => work(waiting)));
  return runs;
}
