import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageNames, root } from '../architecture/source-files.ts';

/** A row of the table of behaviours in AGENTS.md. */
export interface Behaviour {
  readonly name: string;
  /** Paths of source files or folders, such as `core/ladder`. */
  readonly sources: readonly string[];
  /** Paths of test files, such as `core/test/run.test.ts` or `test/story/why.test.ts`. */
  readonly tests: readonly string[];
}

/** The rows of the table with the header `behaviour | file | test`. Cells list paths as code, with commas between them. */
export function behavioursIn(text: string): readonly Behaviour[] {
  const [, rows = ''] = /^\| behaviour \| file \| test \|\n\|[- |]+\|\n((?:\|.*\n)*)/m.exec(text) ?? [];
  return rows
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const [name = '', sources = '', tests = ''] = row.split('|').slice(1, -1);
      return { name: name.trim(), sources: pathsIn(sources), tests: pathsIn(tests) };
    });
}

const pathsIn = (cell: string): readonly string[] => cell.split(',').map((path) => path.trim().replaceAll('`', ''));

/** The faults of a row, as `name: path`: a source or a test that does not exist, or that is in the wrong column. */
export function wrongPaths({ name, sources, tests }: Behaviour): readonly string[] {
  const wrong = [
    ...sources.filter((path) => !isSource(path)),
    ...tests.filter((path) => !path.endsWith('.test.ts') || !existsSync(join(root, testFile(path)))),
  ];
  return wrong.map((path) => `${name}: ${path}`);
}

function isSource(path: string): boolean {
  const [, packageName = '', module = ''] = /^([\w-]+)\/(.+)$/.exec(path) ?? [];
  const source = join(root, 'packages', packageName, 'src', module);
  return packageNames().includes(packageName) && (existsSync(`${source}.ts`) || existsSync(source));
}

/** Paths of tests begin with `test/` or with the name of a package. */
function testFile(path: string): string {
  return path.startsWith('test/') ? path : `packages/${path}`;
}
