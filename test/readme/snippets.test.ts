import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';
import { markdownFiles, type Snippet, snippetsOf } from './markdown.ts';

const config = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    isolatedDeclarations: false,
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node', 'mocha'],
    skipLibCheck: true,
  },
  include: ['*.ts'],
};

describe('the code in the documents', function () {
  this.timeout(120_000);

  const files = markdownFiles().filter(({ snippets }) => snippets.length > 0);
  let errors: readonly string[] = [];

  before(() => {
    errors = compile(files.flatMap(({ snippets }) => snippets));
  });

  for (const { path, snippets } of files) {
    it(`${path}: every block compiles (${snippets.length})`, () => {
      assert.deepEqual(
        errors.filter((error) => error.startsWith(`${path}:`)),
        [],
      );
    });
  }

  it('the compiler has nothing else to say', () => {
    assert.deepEqual(
      errors.filter((error) => !files.some(({ path }) => error.startsWith(`${path}:`))),
      [],
    );
  });

  it('a mistake is reported where it is in the document', () => {
    const text = [
      '# A document',
      '<!-- snippets:',
      'declare const width: number;',
      'declare const cat: string;',
      '-->',
      '```ts',
      'const cat = 1;',
      'const half: string = width / 2;',
      'cat.toFixed();',
      '```',
    ].join('\n');
    const found = compile(snippetsOf('document.md', text));
    assert.deepEqual(found, ["document.md:8:7 TS2322: Type 'number' is not assignable to type 'string'."]);
  });
});

/** Compiles every snippet as a module of its own. @returns one line per error, `file:line:column code: message` */
function compile(snippets: readonly Snippet[]): readonly string[] {
  // Inside the root, so that blocks find the packages as a reader's files would.
  const folder = mkdtempSync(join(root, 'test/readme/.snippets-'));
  try {
    for (const [at, { module }] of snippets.entries()) writeFileSync(join(folder, `${at}.ts`), module);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { stdout, stderr, error } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    return `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith(' '))
      .map((line) => {
        const [, index, row, column, message] = /^(\d+)\.ts\((\d+),(\d+)\): error (.*)$/.exec(line) ?? [];
        const path = snippets[Number(index ?? Number.NaN)]?.path;
        return path === undefined ? line : `${path}:${row}:${column} ${message}`;
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
