import { addReport } from './test/add-report.ts';
import { printSummary } from './test/print-summary.ts';
import { readArguments } from './test/read-arguments.ts';
import { runSuites } from './test/run-suites.ts';
import { mergeReports } from './test/test-report.ts';
import { testSuites } from './test/test-suites.ts';

// `pnpm test`, with `--ci` `pnpm test:ci`, with `--deep` `pnpm test:deep`:
//   node scripts/test.ts [--ci | --deep] [--jobs n] [--grep text] [file or folder ...]
try {
  const { run, places, jobs, flags } = readArguments(process.argv.slice(2));
  const suites = testSuites(run, places);
  if (suites.length === 0 && places.length > 0) throw new Error(`this run has no test file at ${places.join(' or ')}`);
  const startedAt = performance.now();
  const runs = await runSuites(suites, { flags, jobs, maxSuiteMs: run === 'deep' ? 7_200_000 : 900_000 });
  const report = mergeReports(runs.map((run) => run.report));
  console.log(`${suites.length} suites in ${Math.round((performance.now() - startedAt) / 1000)} s\n`);
  // `.ci/steps` sets this variable, so that the end of its last run shows the failures of all its runs, and counts all.
  const reportPath = process.env['SAFELIGHT_TEST_REPORT'];
  printSummary(report, reportPath === undefined ? report : addReport(report, reportPath));
  if (report.failed > 0) process.exitCode = 1;
} catch (error) {
  console.error(`test: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
