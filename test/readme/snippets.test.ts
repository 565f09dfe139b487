import assert from 'node:assert/strict';
import { compile } from './compile.ts';
import { markdownFiles, snippetsOf } from './markdown.ts';

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

  it('the compiler reports no other error', () => {
    assert.deepEqual(
      errors.filter((error) => !files.some(({ path }) => error.startsWith(`${path}:`))),
      [],
    );
  });

  it('an error is reported with its line in the document', () => {
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
