import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EntryManifest, entryFolders, withEntryFields } from './packages/entries.ts';

/** Writes the fields and folders that each entry of a package needs. Run it after adding an entry to `exports`. */

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
for (const name of await readdir(packages)) {
  const path = join(packages, name, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as EntryManifest;
  writeFileSync(path, `${JSON.stringify(withEntryFields(manifest), undefined, 2)}\n`);
  for (const [folder, fields] of Object.entries(entryFolders(manifest))) {
    await mkdir(join(packages, name, folder), { recursive: true });
    writeFileSync(join(packages, name, folder, 'package.json'), `${JSON.stringify(fields, undefined, 2)}\n`);
  }
}
