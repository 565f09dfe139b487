import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';
import type { Snippet } from './compile.ts';

export interface Markdown {
  readonly path: string;
  readonly text: string;
  readonly snippets: readonly Snippet[];
}

const documents = ['*.md', '.changeset/README.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md'];

export function markdownFiles(): readonly Markdown[] {
  return globSync(documents, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, snippets: snippetsOf(path, text) };
    });
}

/**
 * Returns every `ts` and `tsx` block, after the prelude of the file: `<!-- snippets: … -->` declares the names that the
 * blocks need, one statement a line. When a block declares such a name itself, that line of the prelude is left out.
 */
export function snippetsOf(path: string, text: string): readonly Snippet[] {
  const lines = text.split('\n');
  const prelude = preludeOf(lines);
  return blocksOf(lines)
    .filter(({ language }) => /^tsx?$/.test(language))
    .map(({ language, from, to }) => {
      const block = lines.slice(from, to);
      const own = new Set(namesIn(block.join('\n')));
      const before = lines.slice(0, from).map((_, at) => {
        const statement = prelude.get(at) ?? '';
        return namesIn(statement).some((name) => own.has(name)) ? '' : statement;
      });
      return { path, line: from + 1, module: [...before, ...block, ''].join('\n'), isJsx: language === 'tsx' };
    });
}

interface Block {
  readonly language: string;
  /** Index of the first line inside the fences. */
  readonly from: number;
  /** Index of the closing fence. */
  readonly to: number;
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, language] = /^\s*```(.*)$/.exec(lines[at] ?? '') ?? [];
    if (language === undefined) continue;
    const from = at + 1;
    do at += 1;
    while (at < lines.length && !/^\s*```\s*$/.test(lines[at] ?? ''));
    blocks.push({ language: language.trim(), from, to: at });
  }
  return blocks;
}

/** The prelude's statements by the index of their line. */
function preludeOf(lines: readonly string[]): ReadonlyMap<number, string> {
  const from = lines.findIndex((line) => line.startsWith('<!-- snippets:'));
  if (from === -1) return new Map();
  const to = lines.findIndex((line, at) => at >= from && line.includes('-->'));
  return new Map(
    lines.slice(from, to + 1).map((line, i) => [from + i, line.replace('<!-- snippets:', '').replace('-->', '')]),
  );
}

/** The names that a text declares at its top level: imports, constants, functions, types. */
function namesIn(text: string): readonly string[] {
  const imported = [...text.matchAll(/^\s*import\s+(?:type\s+)?(.*?)\s+from\s/gm)].flatMap(([, clause = '']) =>
    clause
      .replaceAll(/[{}]|\btype\b/g, '')
      .split(',')
      .map((name) => name.replace(/^.*\bas\b/, '').trim())
      .filter((name) => name !== ''),
  );
  const declared = text.matchAll(
    /^ ?(?:declare\s+)?(?:const|let|class|(?:async\s+)?function|interface|type)\s+(\w+)/gm,
  );
  return [...imported, ...[...declared].map(([, name = '']) => name)];
}

/** The lines of `sh` and plain blocks, and code within a line. */
export function commandsIn(text: string): readonly string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  const fenced = blocksOf(lines)
    .filter(({ language }) => language === '' || language === 'sh')
    .flatMap(({ from, to }) => lines.slice(from, to));
  const inline = [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code = '']) => code);
  const indented = lines.filter((line) => line.startsWith('    '));
  return [...fenced, ...inline, ...indented];
}
