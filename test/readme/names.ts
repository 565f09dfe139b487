import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';
import type { Surface } from './surface.ts';

/** A name in code format, and its place. */
export interface NamedCode {
  readonly line: number;
  readonly code: string;
  /** The name that is checked. */
  readonly name: string;
  /** `function` when it is written with brackets. */
  readonly kind: 'name' | 'function' | 'file';
  /** The packages or entries that may have it: those in the first cell of its row; `undefined`: all. */
  readonly of: readonly string[] | undefined;
}

/**
 * Finds the text in code format that must be a name of ours:
 * - in the first column of a table, every identifier, alone or called (`maxBytes`, `up()`, `outcome.kind`);
 * - every identifier in a row, when the first cell of the row names a package or an entry;
 * - everywhere, calls (`changed('cat')`), names with a capital inside (`createGuard`, `AssetRef`), and source files.
 *
 * @param own - the package of the document; `undefined` for a document about all packages
 */
export function codeNamesIn(text: string, own: string | undefined): readonly NamedCode[] {
  let fenced = false;
  return text.split('\n').flatMap((content, at) => {
    if (/^\s*```/.test(content)) fenced = !fenced;
    if (fenced || content.startsWith('    ')) return [];
    const cells = content.startsWith('|') ? content.split(/(?<!\\)\|/).slice(1, -1) : [content];
    const rowEntries = content.startsWith('|')
      ? [...(cells[0] ?? '').matchAll(/@safelight\/[\w/-]+/g)].map(([entry]) => entry)
      : [];
    return cells.flatMap((cell, column) =>
      [...cell.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].flatMap(([, code = '']): readonly NamedCode[] => {
        const place = { line: at + 1, code };
        if (/^[\w-]+\.ts$/.test(code)) return [{ ...place, name: code, kind: 'file', of: undefined }];
        const { path, isCalled } = identifiersOf(code);
        const name = path.at(-1);
        if (name === undefined || foreignObjects.has(path.length > 1 ? (path[0] ?? '') : '')) return [];
        const isFirst = content.startsWith('|') && column === 0;
        const isOurs = isFirst || rowEntries.length > 0 || isCalled || /[a-z][A-Z]/.test(name);
        if (!isOurs) return [];
        const of =
          rowEntries.length > 0 ? rowEntries : isFirst && own !== undefined ? [`@safelight/${own}`] : undefined;
        return [{ ...place, name, kind: isCalled ? 'function' : 'name', of }];
      }),
    );
  });
}

/** Reads `await client.find('cat')` as the path `client`, `find`, which is called. Other texts give an empty path. */
function identifiersOf(code: string): { readonly path: readonly string[]; readonly isCalled: boolean } {
  const [, before = '', call = ''] = /^(?:await )?([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)(\(.*)?$/s.exec(code) ?? [];
  // `w_300` is part of a transformation.
  if (/^[a-z]{1,2}_/.test(before)) return { path: [], isCalled: false };
  return { path: before === '' ? [] : before.split('.'), isCalled: call !== '' };
}

/** Objects of the language, of Node, of Express and of browsers. Their members are not checked. */
const foreignObjects: ReadonlySet<string> = new Set([
  ...['console', 'Date', 'Math', 'JSON', 'Promise', 'process'],
  ...['res', 'req', 'app', 'express'],
]);

/**
 * Returns the names that no package has, as `line: code`.
 * @param otherNames - names of other software
 */
export function unknownNames(
  names: readonly NamedCode[],
  { exported, within }: Surface,
  otherNames: readonly string[],
  own: string | undefined,
): readonly string[] {
  const everywhere = [...exported.keys()];
  const isKnown = (name: string, kind: NamedCode['kind'], of: string): boolean => {
    const [, packageName = ''] = of.split('/');
    const isEntry = of.split('/').length > 2;
    if (exported.get(of)?.has(name) === true) return true;
    // A named entry must export it. A package may have it in any entry, or as a member of an export.
    if (isEntry) return exported.has(`@safelight/${packageName}/${name}`);
    return (
      everywhere.some((entry) => entry.startsWith(`${of}/`) && exported.get(entry)?.has(name)) ||
      within.get(packageName)?.members.has(name) === true ||
      (kind === 'name' && within.get(packageName)?.texts.has(name) === true)
    );
  };
  return names
    .filter(({ name, kind, of }) => {
      if (kind === 'file') return !isSourceFile(name, own);
      if (otherNames.includes(name)) return false;
      return !(of ?? everywhere.map((entry) => entry.split('/').slice(0, 2).join('/'))).some((entry) =>
        isKnown(name, kind, entry),
      );
    })
    .map(({ line, code }) => `${line}: ${code}`);
}

function isSourceFile(name: string, own: string | undefined): boolean {
  const folder = own === undefined ? '{packages,examples}/*' : `packages/${own}`;
  return globSync(`${folder}/{src/**/,}${name}`, { cwd: root }).some((path) => existsSync(join(root, path)));
}
