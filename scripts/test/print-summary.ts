import Mocha from 'mocha';
import type { Duration, Failure, FailureError, TestReport } from './test-report.ts';

const shownDurations = 20;

/**
 * Prints the end of a run: the slowest tests, each failure in full, and the closing line.
 * @param all - this run and the runs before it. @default this run
 */
export function printSummary(report: TestReport, all: TestReport = report): void {
  printSlowest(report.durations);
  printFailures(all.failures);
  console.log(closingLine(all));
}

/** One plain line, easy to read for any CI. */
function closingLine({ passed, failed, skipped }: TestReport): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function printFailures(failures: readonly Failure[]): void {
  if (failures.length === 0) return;
  const tests = failures.map(({ titles, error }) => ({ titlePath: () => [...titles], err: mochaError(error) }));
  Mocha.reporters.Base.list(tests as unknown as Mocha.Test[]);
  console.log();
}

/** The properties of an error that mocha's printer reads. */
function mochaError({ message, stack, isUncaught, difference, cause }: FailureError): object {
  return {
    message,
    stack,
    uncaught: isUncaught,
    showDiff: difference !== undefined,
    ...difference,
    ...(cause && { cause: mochaError(cause) }),
  };
}

function printSlowest(durations: readonly Duration[]): void {
  const slowest = durations
    .filter(({ ms }) => ms >= 50)
    .sort((one, other) => other.ms - one.ms)
    .slice(0, shownDurations);
  if (slowest.length === 0) return;
  console.log(`The slowest ${slowest.length}, in seconds:`);
  for (const { title, ms } of slowest) console.log(`${(ms / 1000).toFixed(1).padStart(7)}  ${title}`);
  console.log();
}
