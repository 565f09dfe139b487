import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { linkExclusively, removeLeftover, writeDurably } from './durable-file.ts';
import { claimFolder } from './folder-schema.ts';
import { formatRecord } from './version-records.ts';

/**
 * Creates a record. It is first written completely under a temporary name, so that its final name never shows half of it,
 * and the folder has its schema before.
 *
 * @returns `false` when the name is taken
 */
export async function createRecord(
  path: string,
  record: object,
  { root, temporary }: { readonly root: string; readonly temporary: string },
): Promise<boolean> {
  await mkdir(temporary, { recursive: true });
  await claimFolder(root, temporary);
  const text = formatRecord(record);
  const written = join(temporary, `${randomUUID()}-${basename(path)}`);
  try {
    await writeDurably(written, text);
    return await linkExclusively(written, path);
  } finally {
    await removeLeftover(written);
  }
}
