import type { DatabaseSync } from 'node:sqlite';
import type { AssetId } from '@safelight/core';
import { addDerived, removeDerived, removeDerivedOf } from './derived-rows.ts';
import { createFolder, deleteFolder } from './folder-pages.ts';
import {
  addIndex,
  beginBuild,
  beginChange,
  buildAssets,
  endBuild,
  endChange,
  removeStaleAssets,
} from './index-changes.ts';
import type { IndexDatabase } from './index-database.ts';
import type { CallMessage, ThreadMessage, ThreadOptions, WriteMethods } from './index-thread-messages.ts';
import { isDamage, markDamaged, openIndexFile } from './open-index-file.ts';
import { damageNote } from './read-thread.ts';

/** The calls after which the disk must have the change, also when the power fails. Others are read from originals again. */
const durableMethods = new Set(['begin', 'createFolder', 'deleteFolder']);
const maxCallsAtOnce = 50;

/**
 * Starts the thread that writes. Calls that have arrived together are one transaction, so that they share the wait for the
 * disk.
 *
 * @returns the handler of its messages
 */
export function startWriter(
  { path }: ThreadOptions,
  open: (path: string) => DatabaseSync,
  send: (message: ThreadMessage) => void,
): (message: CallMessage) => void {
  const opened = openIndexFile(path, open, (message) => send({ kind: 'note', message }));
  const methods = writeMethods(opened.database);
  let waiting: CallMessage[] = [];
  const report = (call: number, error: unknown): void => {
    if (isDamage(error)) {
      markDamaged(path);
      send({ kind: 'note', message: damageNote(path, error) });
    }
    send({ kind: 'failed', call, error });
  };
  const flush = (): void => {
    const calls = waiting.slice(0, maxCallsAtOnce);
    waiting = waiting.slice(maxCallsAtOnce);
    runTogether(opened.database, methods, calls, { send, report });
    if (waiting.length > 0) setImmediate(flush);
  };
  return (message) => {
    if (message.method !== 'close') {
      if (waiting.push(message) === 1) setImmediate(flush);
      return;
    }
    while (waiting.length > 0) flush();
    opened.database.close();
    opened.release();
    send({ kind: 'result', call: message.call, value: undefined });
  };
}

function writeMethods(database: IndexDatabase): WriteMethods {
  return {
    begin: (asset) => beginChange(database, asset),
    end: (asset, json) => endChange(database, asset, json),
    unfinished: () =>
      database.all<AssetId>(
        'SELECT resource_type AS resourceType, public_id AS publicId FROM note ORDER BY public_id, resource_type',
      ),
    beginBuild: () => beginBuild(database),
    build: (jsons) => buildAssets(database, jsons),
    removeStale: (afterId) => removeStaleAssets(database, afterId),
    addIndex: (at) => addIndex(database, at),
    endBuild: (isComplete) => endBuild(database, isComplete),
    createFolder: (path) => createFolder(database, path),
    deleteFolder: (path) => deleteFolder(database, path),
    addDerived: (entries) => addDerived(database, entries),
    removeDerived: (ids) => removeDerived(database, ids),
    removeDerivedOf: (asset) => removeDerivedOf(database, asset),
  };
}

interface Reports {
  readonly send: (message: ThreadMessage) => void;
  readonly report: (call: number, error: unknown) => void;
}

function runTogether(
  database: IndexDatabase,
  methods: WriteMethods,
  calls: readonly CallMessage[],
  { send, report }: Reports,
): void {
  const results: ThreadMessage[] = [];
  try {
    const isDurable = calls.some(({ method }) => durableMethods.has(method));
    database.exec(`PRAGMA synchronous = ${isDurable ? 'FULL' : 'NORMAL'}; BEGIN IMMEDIATE`);
    for (const { call, method, args } of calls) {
      database.exec('SAVEPOINT one_call');
      try {
        const value = (methods[method as keyof WriteMethods] as (...args: readonly unknown[]) => unknown)(...args);
        results.push({ kind: 'result', call, value });
      } catch (error) {
        database.exec('ROLLBACK TO one_call');
        report(call, error);
      }
      database.exec('RELEASE one_call');
    }
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    for (const { call } of calls) report(call, error);
    return;
  }
  for (const result of results) send(result);
}

function rollBack(database: IndexDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back already, or the transaction has not begun.
  }
}
