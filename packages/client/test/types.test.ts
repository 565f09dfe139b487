import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Complaint {
  readonly file: string;
  readonly line: number;
  /** Code, message and hints, white space made single. */
  readonly text: string;
}

const folder = join(import.meta.dirname, 'types');

describe('the compiler', () => {
  let complaints: readonly Complaint[] = [];

  before(async function () {
    this.timeout(60_000);
    complaints = await compile();
  });

  it('accepts what is right', () => {
    assert.deepEqual(
      complaints.filter(({ file }) => file !== 'wrong.ts'),
      [],
    );
  });

  for (const { line, source, expected } of expectations()) {
    it(`refuses ${source}`, () => {
      const text = complaints
        .filter((complaint) => complaint.file === 'wrong.ts' && complaint.line === line)
        .map((complaint) => complaint.text)
        .join(' ');
      for (const words of expected) {
        assert.ok(text.includes(words), `line ${line}: expected "${words}" in "${text}"`);
      }
    });
  }

  it('refuses nothing else', () => {
    const expectedLines = new Set(expectations().map(({ line }) => line));
    assert.deepEqual(
      complaints.filter(({ file, line }) => file === 'wrong.ts' && !expectedLines.has(line)),
      [],
    );
  });
});

/** What `// ^ CODE words` comments ask for: the code, the words, and the hint where one is named. */
function expectations() {
  const lines = readFileSync(join(folder, 'wrong.ts'), 'utf8').split('\n');
  return lines.flatMap((comment, index) => {
    const [, code, rest] = /^\/\/ \^ (TS\d+) (.+)$/.exec(comment) ?? [];
    if (code === undefined || rest === undefined) {
      return [];
    }
    const hint = "Did you forget to use 'await'?";
    const words = rest.replace(hint, '').trim();
    return [
      { line: index, source: lines[index - 1] ?? '', expected: [code, words, ...(rest.includes(hint) ? [hint] : [])] },
    ];
  });
}

/** Runs the workspace's compiler the way an editor shows it: only `--pretty` prints its hints. */
async function compile(): Promise<readonly Complaint[]> {
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder, '--pretty'], { cwd: folder }, (_error, stdout) => resolve(stdout));
  });
  const plain = output.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
  const reports = plain.split(/^(?=\S+\.ts:\d+:\d+ - error )/m);
  return reports.flatMap((report) => {
    const [, file, line, text] = /^(\S+\.ts):(\d+):\d+ - error (.*)$/s.exec(report) ?? [];
    return file === undefined || text === undefined
      ? []
      : [{ file, line: Number(line), text: text.replaceAll(/\s+/g, ' ') }];
  });
}
