/** The results of one run of mocha, as plain data for another process. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durations: readonly Duration[];
  readonly failures: readonly Failure[];
}

/** The duration of a test or of a hook. */
export interface Duration {
  readonly title: string;
  readonly ms: number;
}

export interface Failure {
  /** The titles of the suites around the test, then its own title. */
  readonly titles: readonly string[];
  readonly error: FailureError;
}

/** The parts of an error that mocha prints. */
export interface FailureError {
  readonly message: string;
  readonly stack: string;
  readonly isUncaught: boolean;
  /** Both sides as text, when mocha should show their difference. */
  readonly difference: { readonly actual: string; readonly expected: string } | undefined;
  readonly cause: FailureError | undefined;
}

export const emptyReport: TestReport = { passed: 0, failed: 0, skipped: 0, durations: [], failures: [] };

export function mergeReports(reports: readonly TestReport[]): TestReport {
  const sum = (count: (report: TestReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    durations: reports.flatMap(({ durations }) => durations),
    failures: reports.flatMap(({ failures }) => failures),
  };
}

/** The report for a process that ended without a correct report of its own. */
export function brokenReport(title: string, message: string): TestReport {
  const error = { message, stack: `Error: ${message}`, isUncaught: false, difference: undefined, cause: undefined };
  return { ...emptyReport, failed: 1, failures: [{ titles: [title], error }] };
}
