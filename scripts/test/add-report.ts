import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { emptyReport, mergeReports, type TestReport } from './test-report.ts';

/**
 * Adds the report of a run to that in a file, and returns both together, without durations. When two runs use the same
 * file, the end of the second run shows the failures of both, and counts the tests of both.
 */
export function addReport(report: TestReport, path: string): TestReport {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const before: TestReport = text === '' ? emptyReport : JSON.parse(text);
  const both = mergeReports([before, { ...report, durations: [] }]);
  writeFileSync(path, JSON.stringify(both));
  return both;
}
