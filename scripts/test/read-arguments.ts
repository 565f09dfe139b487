import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { TestRun } from './test-suites.ts';

export interface TestArguments {
  readonly run: TestRun;
  /** Limits the run to these files and folders; empty: the whole run. */
  readonly places: readonly string[];
  /** Maximum number of suites at the same time. */
  readonly jobs: number;
  /** Flags for mocha. */
  readonly flags: readonly string[];
}

/** Reads the command line. @throws {Error} when an argument is wrong; the message names the fault */
export function readArguments(args: readonly string[]): TestArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ci: { type: 'boolean', default: false },
      deep: { type: 'boolean', default: false },
      jobs: { type: 'string', short: 'j' },
      // These have the names that mocha gives them.
      grep: { type: 'string', short: 'g' },
      fgrep: { type: 'string', short: 'f' },
      invert: { type: 'boolean', short: 'i', default: false },
      timeout: { type: 'string', short: 't' },
    },
  });
  const { ci, deep, grep, fgrep, invert, timeout } = values;
  const run = deep ? 'deep' : ci ? 'ci' : 'test';
  // One more than the number of processors, since the browser mostly waits. The longest versions measure: one at a time.
  const jobsOf = { test: availableParallelism() + 1, ci: availableParallelism() + 1, deep: 1 };
  const jobs = Number(values.jobs ?? jobsOf[run]);
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
