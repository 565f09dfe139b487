import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { declarationsOf, type EntryManifest, entryTargets } from './packages/entries.ts';

/**
 * Writes `.d.cts` files beside the declarations of a package's entries; run it in the folder of the package, after `tsc`.
 *
 * Node loads these packages with `require`, but TypeScript refuses that of declarations for modules (TS1479), except in
 * new versions with some settings. A `.d.cts` file gives the same types: it refers to the declarations for modules, so
 * that a class is the same type for both kinds of importers.
 */
const manifest = JSON.parse(await readFile('package.json', 'utf8')) as EntryManifest;
for (const target of Object.values(entryTargets(manifest))) {
  const declarations = declarationsOf(target);
  const values = (await import(resolve(target.default))) as Readonly<Record<string, unknown>>;
  const from = `'./${basename(target.default)}' with { 'resolution-mode': 'import' }`;
  const lines = Object.entries(values).flatMap(([name, value]) => [
    `export declare const ${name}: typeof entry.${name};`,
    ...(isClass(value) ? [`export type ${name} = entry.${name};`] : []),
  ]);
  const text = [`import type * as entry from ${from};`, `export type * from ${from};`, ...lines, ''].join('\n');
  await writeFile(declarations.replace(/\.d\.ts$/, '.d.cts'), text);
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && Function.prototype.toString.call(value).startsWith('class');
}
