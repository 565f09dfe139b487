import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  isSystemError,
  linkExclusively,
  readPlainFile,
  readPlainTextNow,
  removeLeftover,
  syncDirectory,
  writeDurably,
} from './durable-file.ts';
import { isKnownSchema, originalsSchema, UnknownSchemaError } from './version-records.ts';

const fileName = 'safelight.json';
const content = `${JSON.stringify({ schema: originalsSchema })}\n`;

/**
 * Reads which schema a folder of originals says that it has, at once, so that a server which cannot read its originals
 * does not start. A folder that says nothing is new, or of the first release.
 * @throws {UnknownSchemaError} for a schema that this release does not know
 * @throws {Error} when the file is there but cannot be read, or says no schema
 */
export function checkFolderSchema(root: string): void {
  const path = join(root, fileName);
  let text: string;
  try {
    text = readPlainTextNow(path);
  } catch (error) {
    if (isAbsent(error)) return;
    throw unreadable(path, error);
  }
  checkText(path, text);
}

/**
 * Makes sure, before a record is written, that its folder says the schema. Processes may do this at once: the first file
 * that is linked stays, and it is complete. Should a power cut take the name after another process has seen it, the folder
 * says nothing again, which means the first schema.
 * @throws as {@link checkFolderSchema}: another release may have changed the folder since this one started
 */
export async function claimFolder(root: string, temporary: string): Promise<void> {
  const path = join(root, fileName);
  const there = await readTextFile(path);
  if (there !== undefined) return checkText(path, there);
  const written = join(temporary, `${randomUUID()}-${fileName}`);
  try {
    await writeDurably(written, content);
    if (await linkExclusively(written, path)) return await syncDirectory(root);
  } finally {
    await removeLeftover(written);
  }
  const theirs = await readTextFile(path);
  if (theirs !== undefined) checkText(path, theirs);
}

async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return (await readPlainFile(path)).toString('utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw unreadable(path, error);
  }
}

function isAbsent(error: unknown): boolean {
  // Where a file is in the place of a folder, the first write says so.
  return isSystemError(error, 'ENOENT', 'ENOTDIR');
}

function unreadable(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `${path}, which says which schema the originals beside it have, cannot be read: ${reason}. It must be a plain file that this process may read.`,
    { cause },
  );
}

function checkText(path: string, text: string): void {
  const schema = schemaIn(text);
  if (schema === undefined) {
    throw new Error(
      `${path} does not say which schema the originals beside it have: expected ${content.trim()}, found ${JSON.stringify(text.slice(0, 100))}. Restore the file, or choose another directory.`,
    );
  }
  if (isKnownSchema(schema)) return;
  const what = `The folder of originals ${dirname(path)} (see ${fileName} in it)`;
  throw new UnknownSchemaError(what, schema, ', or choose another directory');
}

function schemaIn(text: string): number | undefined {
  try {
    const { schema } = JSON.parse(text) as { readonly schema?: unknown };
    return Number.isSafeInteger(schema) ? Number(schema) : undefined;
  } catch {
    return undefined;
  }
}
