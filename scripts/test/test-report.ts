/** What one run of mocha has to say, in a form that can be sent to another process. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durations: readonly Duration[];
  readonly failures: readonly Failure[];
}

/** Of a test or of a hook. */
export interface Duration {
  readonly title: string;
  readonly ms: number;
}

export interface Failure {
  /** The titles of the suites that it is in, and its own. */
  readonly titles: readonly string[];
  readonly error: FailureError;
}

/** As much of an error as mocha prints. */
export interface FailureError {
  readonly message: string;
  readonly stack: string;
  readonly isUncaught: boolean;
  /** Both sides as text, where the difference is to be shown. */
  readonly difference: { readonly actual: string; readonly expected: string } | undefined;
  readonly cause: FailureError | undefined;
}

export const emptyReport: TestReport = { passed: 0, failed: 0, skipped: 0, durations: [], failures: [] };

export function mergeReports(reports: readonly TestReport[]): TestReport {
  const sum = (count: (report: TestReport) => number): number => reports.reduce((all, one) => all + count(one), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    durations: reports.flatMap(({ durations }) => durations),
    failures: reports.flatMap(({ failures }) => failures),
  };
}

/** The report of a process that did not do what it should, and could not say so itself. */
export function brokenReport(title: string, message: string): TestReport {
  const error = { message, stack: `Error: ${message}`, isUncaught: false, difference: undefined, cause: undefined };
  return { ...emptyReport, failed: 1, failures: [{ titles: [title], error }] };
}
