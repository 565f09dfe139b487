import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { printSummary } from './test/print-summary.ts';
import type { Duration, Failure, FailureError, TestReport } from './test/test-report.ts';

const { EVENT_HOOK_END, EVENT_TEST_END, EVENT_TEST_FAIL } = Mocha.Runner.constants;

/**
 * The usual spec report. It ends with the failures, the slowest tests and a line that counts, or, where the reporter option
 * `report` names a file, with these in that file: then the process that has started this one prints them for all.
 */
export default class TestReporter extends Mocha.reporters.Spec {
  readonly #durations: Duration[] = [];
  readonly #failures: Failure[] = [];
  readonly #reportPath: string | undefined;

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    this.#reportPath = options.reporterOptions?.report;
    const remember = (one: Mocha.Runnable): void => {
      this.#durations.push({ title: one.fullTitle(), ms: one.duration ?? 0 });
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

/** Called when mocha itself has heard of the failure: then both sides of a difference are texts. */
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
