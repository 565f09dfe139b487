import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addReport } from '../../scripts/test/add-report.ts';
import { brokenReport, emptyReport } from '../../scripts/test/test-report.ts';
import { root, type TestRun, testSuites } from '../../scripts/test/test-suites.ts';

const everyFile = globSync('{packages/*/,examples/*/,}test/**/*.test.ts', { cwd: root }).sort();
const filesOf = (run: TestRun) => testSuites(run, []).flatMap(({ files }) => files);
const ofTest = testSuites('test', []);
const suitesWith = (file: string) => ofTest.filter(({ files }) => files.includes(file));

describe('the suites of a run', () => {
  it('have every test file: in `pnpm test`, in `pnpm test:ci`, or in both', () => {
    assert.deepEqual([...new Set([...filesOf('test'), ...filesOf('ci')])].sort(), everyFile);
    assert.deepEqual([...new Set(filesOf('deep'))].sort(), everyFile);
  });

  it('have each file once, in `pnpm test` with Chromium, and files of browsers in CI once for each browser', () => {
    const inCi = testSuites('ci', []);
    for (const file of new Set(filesOf('test'))) {
      const isOfBrowsers = /^(?:test\/browsers|examples\/browser)\//.test(file);
      const browsers = suitesWith(file).map(({ env }) => env['SAFELIGHT_BROWSER']);
      assert.deepEqual(browsers, [isOfBrowsers ? 'Chromium' : undefined], file);
      if (!isOfBrowsers) continue;
      const others = inCi.filter(({ files }) => files.includes(file)).map(({ env }) => env['SAFELIGHT_BROWSER']);
      assert.deepEqual(others, ['Firefox'], file);
    }
  });

  it('give a process of its own to each file that measures its whole process', () => {
    for (const part of ['cache', 'guard']) {
      const [suite] = suitesWith(`packages/express/test/${part}/leaks.test.ts`);
      assert.equal(suite?.files.length, 1);
    }
  });

  it('have the first cases of a file in `pnpm test`, and its other cases in CI', () => {
    const withCases = everyFile.filter((file) => readFileSync(join(root, file), 'utf8').includes('/cases-of-run.ts'));
    assert.ok(withCases.length > 40);
    const partsOf = (run: TestRun, file: string) =>
      testSuites(run, [])
        .filter(({ files }) => files.includes(file))
        .map(({ env }) => env['SAFELIGHT_CASES']);
    for (const file of ['packages/express/test/cache/leaks.test.ts', ...withCases.slice(0, 3)]) {
      assert.deepEqual(
        [partsOf('test', file), partsOf('ci', file), partsOf('deep', file)],
        [['first'], ['other'], [undefined]],
      );
    }
    const others = testSuites('ci', []).filter(({ env }) => env['SAFELIGHT_CASES'] === 'other');
    assert.deepEqual(others.flatMap(({ files }) => files).sort(), withCases);
    assert.deepEqual(
      testSuites('test', [withCases[0] as string]).map(({ env }) => env['SAFELIGHT_CASES']),
      [undefined],
    );
  });

  it('can be limited to files and folders', () => {
    const file = 'packages/core/test/decide.test.ts';
    assert.deepEqual(
      testSuites('test', [join(root, file)]).map(({ files }) => files),
      [[file]],
    );
    const folder = testSuites('test', [join(root, 'packages/core')]).flatMap(({ files }) => files);
    assert.deepEqual(
      folder,
      everyFile.filter((path) => path.startsWith('packages/core/')),
    );
    assert.deepEqual(testSuites('test', [join(root, 'packages/cor')]), []);
  });

  it('are reported together when two runs use the same file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'safelight-report-'));
    const path = join(directory, 'report.json');
    const first = { ...brokenReport('first', 'broken'), durations: [{ title: 'slow', ms: 100 }] };
    assert.deepEqual(addReport(first, path), { ...first, durations: [] });
    const second = { ...emptyReport, passed: 2, skipped: 1 };
    const { failures, ...counts } = addReport(second, path);
    assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 1, durations: [] });
    assert.deepEqual(failures[0]?.titles, ['first']);
    rmSync(directory, { recursive: true });
  });
});
