import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';
import type { Surface } from './surface.ts';

/** A name in code format, and where it is. */
export interface NamedCode {
  readonly line: number;
  readonly code: string;
  /** What it is checked as. */
  readonly name: string;
  /** A function is written with its brackets. */
  readonly kind: 'name' | 'function' | 'file';
  /** Packages or entries that it may belong to: those that its row of a table is about; otherwise all. */
  readonly of: readonly string[] | undefined;
}

/**
 * What of a document in code format names something of ours:
 * - in the first column of a table, every identifier, alone or called (`maxBytes`, `up()`, `outcome.kind`);
 * - in a row whose first cell names a package or an entry, every identifier;
 * - everywhere, whatever is called (`changed('cat')`), has a capital inside (`createGuard`, `AssetRef`), or is a source file.
 *
 * @param own - the package whose document it is; `undefined` for a document about all of them
 */
export function codeNamesIn(text: string, own: string | undefined): readonly NamedCode[] {
  let fenced = false;
  return text.split('\n').flatMap((content, at) => {
    if (/^\s*```/.test(content)) fenced = !fenced;
    if (fenced || content.startsWith('    ')) return [];
    const cells = content.startsWith('|') ? content.split(/(?<!\\)\|/).slice(1, -1) : [content];
    const about = content.startsWith('|')
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
        const isOurs = isFirst || about.length > 0 || isCalled || /[a-z][A-Z]/.test(name);
        if (!isOurs) return [];
        const of = about.length > 0 ? about : isFirst && own !== undefined ? [`@safelight/${own}`] : undefined;
        return [{ ...place, name, kind: isCalled ? 'function' : 'name', of }];
      }),
    );
  });
}

/** `await client.find('cat')` is the path `client`, `find`, called; a text that is not such a path is an empty one. */
function identifiersOf(code: string): { readonly path: readonly string[]; readonly isCalled: boolean } {
  const [, before = '', call = ''] = /^(?:await )?([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)(\(.*)?$/s.exec(code) ?? [];
  // `w_300` is part of a transformation.
  if (/^[a-z]{1,2}_/.test(before)) return { path: [], isCalled: false };
  return { path: before === '' ? [] : before.split('.'), isCalled: call !== '' };
}

/** Objects of the language, of Node, of Express and of browsers; their members are not ours. */
const foreignObjects: ReadonlySet<string> = new Set([
  ...['console', 'Date', 'Math', 'JSON', 'Promise', 'process'],
  ...['res', 'req', 'app', 'express'],
]);

/**
 * The names that are nowhere, as `line: code`.
 * @param foreign - names that are not ours
 */
export function unknownNames(
  names: readonly NamedCode[],
  { exported, within }: Surface,
  foreign: readonly string[],
  own: string | undefined,
): readonly string[] {
  const everywhere = [...exported.keys()];
  const isKnown = (name: string, kind: NamedCode['kind'], of: string): boolean => {
    const [, packageName = ''] = of.split('/');
    const isEntry = of.split('/').length > 2;
    if (exported.get(of)?.has(name) === true) return true;
    // An entry of its own must export it; a package may have it in any entry, or inside what it exports.
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
      if (foreign.includes(name)) return false;
      return !(of ?? everywhere.map((entry) => entry.split('/').slice(0, 2).join('/'))).some((one) =>
        isKnown(name, kind, one),
      );
    })
    .map(({ line, code }) => `${line}: ${code}`);
}

function isSourceFile(name: string, own: string | undefined): boolean {
  const folder = own === undefined ? '{packages,examples}/*' : `packages/${own}`;
  return globSync(`${folder}/{src/**/,}${name}`, { cwd: root }).some((path) => existsSync(join(root, path)));
}
