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
 * Checks the schema of a folder of originals. It is synchronous, so that a server that cannot read its originals does not
 * start. A folder without a schema is new, or was written by the first release.
 * @throws {UnknownSchemaError} for a schema that this release does not know
 * @throws {Error} when the file exists but cannot be read, or has no schema
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
 * Makes sure, before a record is written, that its folder has a schema. Several processes may do this at the same time: the
 * first file that is linked stays, and it is complete. If a power cut removes the name after another process has read it,
 * the folder has no schema again, which means the first schema.
 * @throws {Error} like {@link checkFolderSchema}: another release may have changed the folder since this process started
 */
export async function claimFolder(root: string, temporary: string): Promise<void> {
  const path = join(root, fileName);
  const existing = await readTextFile(path);
  if (existing !== undefined) return checkText(path, existing);
  const written = join(temporary, `${randomUUID()}-${fileName}`);
  try {
    await writeDurably(written, content);
    if (await linkExclusively(written, path)) return await syncDirectory(root);
  } finally {
    await removeLeftover(written);
  }
  const linkedByOther = await readTextFile(path);
  if (linkedByOther !== undefined) checkText(path, linkedByOther);
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
  // ENOTDIR: a file is in the place of a folder. The first write reports that.
  return isSystemError(error, 'ENOENT', 'ENOTDIR');
}

function unreadable(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `${path}, the file with the schema of the originals beside it, cannot be read: ${reason}. It must be a plain file that this process may read.`,
    { cause },
  );
}

function checkText(path: string, text: string): void {
  const schema = schemaIn(text);
  if (schema === undefined) {
    throw new Error(
      `${path} does not state the schema of the originals beside it: expected ${content.trim()}, found ${JSON.stringify(text.slice(0, 100))}. Restore the file, or choose another directory.`,
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
