import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { printSummary } from './test/print-summary.ts';
import type { Duration, Failure, FailureError, TestReport } from './test/test-report.ts';

const { EVENT_HOOK_END, EVENT_TEST_END, EVENT_TEST_FAIL } = Mocha.Runner.constants;

/**
 * mocha's spec report. It ends with the failures, the slowest tests and a line of counts. When the reporter option `report`
 * names a file, they are written into that file instead, and the parent process prints them for all its suites.
 */
export default class TestReporter extends Mocha.reporters.Spec {
  readonly #durations: Duration[] = [];
  readonly #failures: Failure[] = [];
  readonly #reportPath: string | undefined;

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    this.#reportPath = options.reporterOptions?.report;
    const remember = (runnable: Mocha.Runnable): void => {
      this.#durations.push({ title: runnable.fullTitle(), ms: runnable.duration ?? 0 });
    };
    runner.on(EVENT_TEST_END, remember);
    runner.on(EVENT_HOOK_END, remember);
    runner.on(EVENT_TEST_FAIL, (test: Mocha.Runnable, error: unknown) => {
      this.#failures.push({ titles: test.titlePath(), error: failureError(error) });
    });
  }

  override epilogue(): void {
    const report = this.#report();
    if (this.#reportPath === undefined) printSummary(report);
    else writeFileSync(this.#reportPath, JSON.stringify(report));
  }

  #report(): TestReport {
    const { passes = 0, failures = 0, pending = 0 } = this.stats ?? {};
    return {
      passed: passes,
      failed: failures,
      skipped: pending,
      durations: this.#durations,
      failures: this.#failures,
    };
  }
}

/** Call it after mocha's own handling of the failure, which turns both sides of a difference into texts. */
function failureError(thrown: unknown): FailureError {
  const error: Partial<MochaError> = thrown instanceof Error ? thrown : { message: String(thrown) };
  const { message = '', stack = message, uncaught = false, showDiff = true, actual, expected, cause } = error;
  const hasTexts = showDiff && typeof actual === 'string' && typeof expected === 'string';
  return {
    message,
    stack,
    isUncaught: uncaught,
    difference: hasTexts ? { actual, expected } : undefined,
    cause: cause instanceof Error ? failureError(cause) : undefined,
  };
}

interface MochaError extends Error {
  readonly uncaught?: boolean;
  readonly showDiff?: boolean;
  readonly actual?: unknown;
  readonly expected?: unknown;
}
