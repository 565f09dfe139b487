import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { TestCounts } from './print-summary.ts';

/**
 * Adds the counts of a run to those in a file, and returns the sums. When two runs use the same file, the last line of the
 * second run counts the tests of both.
 */
export function addCounts({ passed, failed, skipped }: TestCounts, path: string): TestCounts {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const before: TestCounts = text === '' ? { passed: 0, failed: 0, skipped: 0 } : JSON.parse(text);
  const sums = {
    passed: before.passed + passed,
    failed: before.failed + failed,
    skipped: before.skipped + skipped,
  };
  writeFileSync(path, JSON.stringify(sums));
  return sums;
}
