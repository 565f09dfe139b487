import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { casesOfRun } from '../../../test/servers/cases-of-run.ts';

interface Complaint {
  readonly file: string;
  readonly line: number;
  /** Code, message and hints, with single spaces. */
  readonly text: string;
}

interface Expectation {
  readonly line: number;
  readonly source: string;
  readonly code: string;
  /** Codes of compiler versions that have another code. */
  readonly otherCodes: Readonly<Record<string, string>>;
  /** The expected words, and the expected hint. */
  readonly words: readonly string[];
}

const folder = join(import.meta.dirname, 'types');
// The oldest supported version, the last version of each later kind, and the version of this repository.
const allCompilers: readonly (readonly [version: string, packageName: string, script: string])[] = [
  ['5.4', 'typescript-5.4', 'lib/tsc.js'],
  ['5.9', 'typescript-5.9', 'lib/tsc.js'],
  ['6', 'typescript-6', 'lib/tsc.js'],
  ['7', 'typescript', 'bin/tsc'],
];
const isLong = process.env['SAFELIGHT_LONG'] === '1';
/** The last version, which is fast, and the first one; in a long run also those between. */
const compilers = casesOfRun(
  allCompilers.filter((_, index) => isLong || index === 0 || index === allCompilers.length - 1).reverse(),
);

for (const [version, packageName, script] of compilers) {
  describe(`TypeScript ${version}`, () => {
    const compiler = join(packageFolder(packageName), script);
    let complaints: readonly Complaint[] = [];

    before(async function () {
      this.timeout(60_000);
      complaints = await compile(compiler, 'tsconfig.json');
    });

    it('is the expected version', () => {
      const { version: installed } = JSON.parse(readFileSync(join(packageFolder(packageName), 'package.json'), 'utf8'));
      assert.ok(`${installed}.`.startsWith(`${version}.`), installed);
    });

    it('accepts correct code, and the declarations of all packages', () => {
      assert.deepEqual(
        complaints.filter(({ file }) => file !== 'wrong.ts'),
        [],
      );
    });

    it('accepts pictures in a page on lib es2022, and the element in React and Vue', async function () {
      this.timeout(60_000);
      assert.deepEqual(await compile(compiler, 'tsconfig.es2022.json'), []);
      assert.deepEqual(await compile(compiler, 'tsconfig.frameworks.json'), []);
    });

    it('accepts it also for bundlers, and with stricter settings', async function () {
      this.timeout(60_000);
      assert.deepEqual(await compile(compiler, 'tsconfig.bundler.json'), []);
    });

    for (const { line, source, code, otherCodes, words } of expectations()) {
      it(`refuses ${source}`, () => {
        const text = complaints
          .filter((complaint) => complaint.file === 'wrong.ts' && complaint.line === line)
          .map((complaint) => complaint.text)
          .join(' ');
        for (const expected of [otherCodes[version] ?? code, ...words]) {
          assert.ok(text.includes(expected), `line ${line}: expected "${expected}" in "${text}"`);
        }
      });
    }

    it('reports no other error', () => {
      const expectedLines = new Set(expectations().map(({ line }) => line));
      assert.deepEqual(
        complaints.filter(({ file, line }) => file === 'wrong.ts' && !expectedLines.has(line)),
        [],
      );
    });
  });
}

it('every mistake has an expected error', () => {
  const lines = readFileSync(join(folder, 'wrong.ts'), 'utf8').split('\n');
  assert.equal(expectations().length, lines.filter((line) => line.startsWith('// ^')).length);
});

/** The errors that comments `// ^ CODE (version: OTHER) words` expect. */
function expectations(): readonly Expectation[] {
  const hint = "Did you forget to use 'await'?";
  const lines = readFileSync(join(folder, 'wrong.ts'), 'utf8').split('\n');
  return lines.flatMap((comment, index) => {
    const [, code, others = '', rest] = /^\/\/ \^ (TS\d+)(?: \(([^)]+)\))? (.+)$/.exec(comment) ?? [];
    if (code === undefined || rest === undefined) return [];
    const words = rest.replace(hint, '').trim();
    return [
      {
        line: index,
        source: lines[index - 1] ?? '',
        code,
        otherCodes: Object.fromEntries(others.split(', ').map((other) => other.split(': '))),
        words: rest.includes(hint) ? [words, hint] : [words],
      },
    ];
  });
}

function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

/** Runs a compiler with `--pretty`, because only then it prints the hints that editors show. */
async function compile(compiler: string, config: string): Promise<readonly Complaint[]> {
  const output = await new Promise<string>((resolve) => {
    const options = { cwd: folder, maxBuffer: 10_000_000 };
    execFile(process.execPath, [compiler, '-p', config, '--pretty'], options, (_error, stdout) => resolve(stdout));
  });
  const plain = output.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
  // An error in the settings has no file; it must not be lost.
  const reports = plain.split(/^(?=(?:\S+:\d+:\d+ - )?error )/m).filter((report) => report.includes('error '));
  return reports.map((report) => {
    const [, file = '', line = '0', text = report] = /^(\S+):(\d+):\d+ - error (.*)$/s.exec(report) ?? [];
    return { file, line: Number(line), text: text.replaceAll(/\s+/g, ' ') };
  });
}
