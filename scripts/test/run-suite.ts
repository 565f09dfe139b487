import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mochaOptions } from './mocha-options.ts';
import { brokenReport, mergeReports, type TestReport } from './test-report.ts';
import type { TestSuite } from './test-suites.ts';

export interface SuiteRun {
  readonly report: TestReport;
  /** The complete output, stdout and stderr. */
  readonly output: string;
  readonly ms: number;
}

const mochaMain = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin/mocha.js');

/**
 * Runs the files of a suite in a process of its own, and waits until the process has ended.
 *
 * @param flags - more options for mocha
 * @param maxMs - a suite that takes longer is stopped and counts as failed
 */
export async function runSuite(suite: TestSuite, flags: readonly string[], maxMs: number): Promise<SuiteRun> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-test-'));
  const reportPath = join(directory, 'report.json');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [mochaMain, ...commonFlags(reportPath), ...flags, ...suite.files], {
    env: { ...process.env, ...suite.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: maxMs,
  });
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => pieces.push(piece));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const ms = performance.now() - startedAt;
  const report = await readReport(reportPath);
  await rm(directory, { recursive: true });

  const output = Buffer.concat(pieces).toString();
  if (report !== undefined && (code === 0 || report.failed > 0)) return { report, output, ms };
  const end = signal === null ? `exit code ${code}` : `${signal} after ${Math.round(ms / 1000)} s`;
  const detail = report === undefined ? 'without a report' : 'although no test has failed';
  const broken = brokenReport(suite.name, `The process of these tests ended with ${end}, ${detail}.`);
  return { report: report === undefined ? broken : mergeReports([report, broken]), output, ms };
}

function commonFlags(reportPath: string): readonly string[] {
  const { reporter, timeout, require } = mochaOptions;
  return [
    '--no-config',
    `--reporter=${reporter}`,
    `--reporter-option=report=${reportPath}`,
    `--timeout=${timeout}`,
    ...require.map((file) => `--require=${file}`),
    ...(mochaOptions['forbid-only'] ? ['--forbid-only'] : []),
    ...(process.stdout.isTTY ? ['--color'] : []),
  ];
}

async function readReport(path: string): Promise<TestReport | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as TestReport);
}
