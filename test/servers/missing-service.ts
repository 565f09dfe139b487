import assert from 'node:assert/strict';

/**
 * Reports the tests of a suite that cannot run without a service: skipped, or failed on CI. Call it in `describe`, and
 * return.
 * @param what - what is missing, and what to do
 */
export function missingService(what: string): void {
  if (process.env['CI'] === undefined) it.skip(`not run: ${what}`);
  else it('finds its service', () => assert.fail(`${what}; on CI no test may be skipped`));
}
