import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { TestRun } from './test-suites.ts';

export interface TestArguments {
  readonly run: TestRun;
  /** Files and folders to choose from the run; without any, all of it. */
  readonly places: readonly string[];
  /** How many suites run at the same time. */
  readonly jobs: number;
  /** For mocha. */
  readonly flags: readonly string[];
}

/** Reads the command line; throws an error that says what is wrong with it. */
export function readArguments(args: readonly string[]): TestArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ci: { type: 'boolean', default: false },
      deep: { type: 'boolean', default: false },
      jobs: { type: 'string', short: 'j' },
      // As mocha has them.
      grep: { type: 'string', short: 'g' },
      fgrep: { type: 'string', short: 'f' },
      invert: { type: 'boolean', short: 'i', default: false },
      timeout: { type: 'string', short: 't' },
    },
  });
  const { ci, deep, grep, fgrep, invert, timeout } = values;
  const run = deep ? 'deep' : ci ? 'ci' : 'test';
  // One more than there are processors, since browsers mostly wait. What is in the other runs is large and measures memory.
  const jobs = Number(values.jobs ?? (run === 'test' ? availableParallelism() + 1 : 1));
  if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs is ${values.jobs}; write a whole number from 1 on`);
  const flags = Object.entries({ grep, fgrep, timeout: timeout ?? (deep ? '1800000' : undefined) })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name}=${value}`);
  return {
    run,
    places: positionals,
    jobs,
    flags: invert ? [...flags, '--invert'] : flags,
  };
}
