import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runSuite, type SuiteRun } from '../../scripts/test/run-suite.ts';

const run = (file: string, { flags = [] as readonly string[], maxMs = 60_000 } = {}): Promise<SuiteRun> =>
  runSuite({ name: 'cases', files: [join(import.meta.dirname, 'cases', file)], env: {}, isAlone: false }, flags, maxMs);
const counts = ({ report: { passed, failed, skipped } }: SuiteRun) => ({ passed, failed, skipped });

describe('a suite in a process of its own', function () {
  this.timeout(60_000);

  it('reports passed, failed and skipped tests, and each failure in full', async () => {
    const ended = await run('mixed.ts');
    assert.deepEqual(counts(ended), { passed: 1, failed: 1, skipped: 1 });
    const [failure] = ended.report.failures;
    assert.deepEqual(failure?.titles, ['mixed', 'fails']);
    assert.match(failure?.error.stack ?? '', /cases\/mixed\.ts:5/);
    assert.match(failure?.error.difference?.expected ?? '', /"width": 2/);
    assert.ok(ended.report.durations.some(({ title }) => title === 'mixed passes'));
    assert.match(ended.output, /passes/);
  });

  it('takes options of mocha', async () => {
    assert.deepEqual(counts(await run('mixed.ts', { flags: ['--grep=passes'] })), { passed: 1, failed: 0, skipped: 0 });
  });

  it('counts a rejection that no one handles as a failure', async () => {
    const ended = await run('rejects.ts');
    assert.ok(ended.report.failed > 0);
    assert.equal(ended.report.failures[0]?.error.message, 'nothing waits');
  });

  it('counts as failed when its process ends before the report, also with exit code 0', async () => {
    const ended = await run('crashes.ts');
    assert.deepEqual(counts(ended), { passed: 0, failed: 1, skipped: 0 });
    assert.match(ended.report.failures[0]?.error.message ?? '', /ended with exit code 0, without a report/);
  });

  it('counts as failed when its process does not end', async () => {
    const ended = await run('hangs.ts', { maxMs: 3_000 });
    assert.equal(ended.report.failed, 1);
    assert.match(ended.report.failures[0]?.error.message ?? '', /ended with SIGTERM after \d+ s/);
  });
});
