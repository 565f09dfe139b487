import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';

/** A code block of a document. */
export interface Snippet {
  /** The path of the document, relative to the root, with `/`. */
  readonly path: string;
  /** The line of its first line in that file, from 1. */
  readonly line: number;
  /** The block as a module. Its lines have the same numbers as in the file. */
  readonly module: string;
  /** Whether it has JSX. */
  readonly isJsx?: boolean;
}

const reactTypes = '../../../packages/client/node_modules/@types/react';

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
    jsx: 'react-jsx',
    // Only this package has React, as a user's project would.
    paths: {
      react: [`${reactTypes}/index.d.ts`],
      'react/*': [`${reactTypes}/*.d.ts`],
    },
  },
  include: ['*.ts', '*.tsx'],
};

/** Compiles every snippet as a module of its own. @returns one line per error, `file:line:column code: message` */
export function compile(snippets: readonly Snippet[]): readonly string[] {
  // The folder is inside the root, so that blocks resolve packages as a user's files would.
  const folder = mkdtempSync(join(root, 'test/readme/.snippets-'));
  try {
    for (const [at, { module, isJsx }] of snippets.entries()) {
      writeFileSync(join(folder, `${at}.${isJsx ? 'tsx' : 'ts'}`), module);
    }
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
        const [, index, row, column, message] = /^(\d+)\.tsx?\((\d+),(\d+)\): error (.*)$/.exec(line) ?? [];
        const path = snippets[Number(index ?? Number.NaN)]?.path;
        return path === undefined ? line : `${path}:${row}:${column} ${message}`;
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
