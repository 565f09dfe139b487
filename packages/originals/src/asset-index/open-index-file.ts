import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { forgetBrokenBuild } from './index-changes.ts';
import { createIndexDatabase, type IndexDatabase } from './index-database.ts';
import { indexApplication, indexSchema, indexTables, laterIndexes } from './index-schema.ts';

type OpenDatabase = (path: string) => DatabaseSync;

export interface OpenedIndex {
  readonly database: IndexDatabase;
  /** Ends the claim on the file. Call it after the database was closed. */
  release(): void;
}

/** How long a new process waits until the old one has ended. */
const lockWaitMs = 2000;
const cacheKibibytes = 16_384;

/**
 * Opens the file for writing, and claims it for this process. A file that cannot be used is renamed, and an empty index
 * takes its place.
 *
 * @param say - gets the reason when a file was renamed
 * @throws {Error} when another process uses the file, or when it is another kind of database
 */
export function openIndexFile(path: string, open: OpenDatabase, say: (message: string) => void): OpenedIndex {
  mkdirSync(dirname(path), { recursive: true });
  const release = claim(path, open);
  try {
    const reason = faultOf(path, open);
    if (reason !== undefined) {
      setAside(path);
      say(`${path}, the index of assets, ${reason}. It is now ${setAsideName(path)}; the index will be built again.`);
    }
    const database = openWriter(path, open);
    forgetBrokenBuild(database);
    return { database, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Marks a file in which damage was found while it was in use. The next start sets it aside. */
export function markDamaged(path: string): void {
  writeFileSync(damageMark(path), '');
}

/** @returns the secret of the cursors of this index */
export function readSecret(database: IndexDatabase): string {
  return String(database.get<{ value: string }>("SELECT value FROM meta WHERE name = 'secret'")?.value);
}

/** Opens the file for reading beside the connection that writes. */
export function openReader(path: string, open: OpenDatabase): IndexDatabase {
  const database = createIndexDatabase(open(path));
  database.exec(`PRAGMA query_only = 1; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -${cacheKibibytes}`);
  return database;
}

function openWriter(path: string, open: OpenDatabase): IndexDatabase {
  const database = createIndexDatabase(open(path));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -${cacheKibibytes};
    PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA synchronous = FULL`);
  if (numberOf(database, 'user_version') === 0) {
    const indexes = laterIndexes.map((index) => `CREATE INDEX ${index};`).join(' ');
    const secret = `INSERT INTO meta VALUES ('secret', '${randomBytes(16).toString('hex')}');`;
    database.exec(`BEGIN; ${indexTables} ${indexes} ${secret} COMMIT`);
  }
  return database;
}

/**
 * An open transaction of a second database is the lock: the system removes it when the process ends, and SQLite also
 * refuses a second one in the same process.
 */
function claim(path: string, open: OpenDatabase): () => void {
  const lock = open(`${path}.lock`);
  try {
    lock.exec(`PRAGMA busy_timeout = ${lockWaitMs}; BEGIN EXCLUSIVE`);
  } catch (error) {
    lock.close();
    const message = `${path}, the index of assets, is in use by another process, or by this one. One process at a time can use it: end the other one, or choose another file.`;
    throw new Error(message, { cause: error });
  }
  return () => lock.close();
}

/** @returns why the file cannot be used; `undefined` for a usable file, and without a file */
function faultOf(path: string, open: OpenDatabase): string | undefined {
  if (existsSync(damageMark(path))) return 'was damaged when it was last used';
  if (!existsSync(path)) return undefined;
  const found = inspect(path, open);
  if (typeof found === 'string') return found;
  const { schema, application, tables } = found;
  if (tables === 0) return undefined;
  if (application !== indexApplication) {
    throw new Error(`${path} is a database of another application. Choose another file for the index of assets.`);
  }
  if (schema > indexSchema) return `has schema ${schema}, which is newer than this release`;
  return schema < indexSchema ? `has schema ${schema}, which is older than this release` : undefined;
}

interface Inspected {
  readonly schema: number;
  readonly application: number;
  readonly tables: number;
}

function inspect(path: string, open: OpenDatabase): Inspected | string {
  let database: IndexDatabase | undefined;
  try {
    database = createIndexDatabase(open(path));
    const found = {
      schema: numberOf(database, 'user_version'),
      application: numberOf(database, 'application_id'),
      tables: Number(database.get<{ tables: number }>('SELECT count(*) AS tables FROM sqlite_schema')?.tables),
    };
    // A complete check would read the whole file. These read the roots of the tables that all calls need.
    if (found.application === indexApplication && found.schema === indexSchema) {
      for (const table of ['meta', 'asset', 'record', 'words', 'note']) database.all(`SELECT * FROM ${table} LIMIT 1`);
    }
    return found;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return `is damaged (${error.message})`;
  } finally {
    database?.close();
  }
}

/** Whether SQLite has found damage in a file: `SQLITE_CORRUPT`, `SQLITE_NOTADB`, or tables that are missing. */
export function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { errcode } = error as { errcode?: unknown };
  if (typeof errcode !== 'number') return false;
  return (errcode & 0xff) === 11 || (errcode & 0xff) === 26 || /^no such table/.test(error.message);
}

function numberOf(database: IndexDatabase, pragma: 'user_version' | 'application_id'): number {
  return Number(database.get(`PRAGMA ${pragma}`)?.[pragma] ?? 0);
}

const setAsideName = (path: string): string => `${path}.set-aside`;
const damageMark = (path: string): string => `${path}.damaged`;

function setAside(path: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  rmSync(setAsideName(path), { force: true });
  if (existsSync(path)) renameSync(path, setAsideName(path));
  rmSync(damageMark(path), { force: true });
}
