import type { DatabaseSync } from 'node:sqlite';
import { SearchTooLongError } from '@safelight/core';
import { listAssets, type PageReader, searchAssets } from './asset-pages.ts';
import { listDerived } from './derived-rows.ts';
import { listFolders, listTags } from './folder-pages.ts';
import { phaseOf } from './index-changes.ts';
import type { CallMessage, ReadMethods, ThreadMessage, ThreadOptions } from './index-thread-messages.ts';
import { createMatcher } from './matching-ids.ts';
import { isDamage, markDamaged, openReader, readSecret } from './open-index-file.ts';
import { createPageCursors } from './page-cursor.ts';

/** Starts a thread that reads. @returns the handler of its messages */
export function startReader(
  { path, maxSearchMs }: ThreadOptions,
  open: (path: string) => DatabaseSync,
  send: (message: ThreadMessage) => void,
): (message: CallMessage) => void {
  const database = openReader(path, open);
  const cursors = createPageCursors(readSecret(database));
  const reader: PageReader = { database, cursors, matcher: createMatcher(database), maxSearchMs };
  const methods = readMethods(reader);
  return ({ call, method, args }) => {
    const run = async (): Promise<unknown> => methods[method as keyof ReadMethods](args[0] as never);
    run().then(
      (value) => send({ kind: 'result', call, value }),
      (error: unknown) => {
        if (error instanceof SearchTooLongError) return send({ kind: 'too long', call, maxMs: error.maxMs });
        if (isDamage(error)) {
          markDamaged(path);
          send({ kind: 'note', message: damageNote(path, error) });
        }
        send({ kind: 'failed', call, error });
      },
    );
  };
}

export function damageNote(path: string, error: Error): string {
  return `${path}, the index of assets, is damaged (${error.message}). The next start builds it again.`;
}

function readMethods(reader: PageReader): ReadMethods {
  const { database, cursors } = reader;
  const total = (name: string): number =>
    Number(database.get<{ value: number }>('SELECT value FROM meta WHERE name = ?', name)?.value ?? 0);
  return {
    find: (assetId) =>
      // During a rename, two assets have the same ID.
      database.get<{ json: string }>(
        `SELECT json FROM asset JOIN record USING (id) WHERE asset_id = ? COLLATE NOCASE
          ORDER BY json ->> '$.version' DESC LIMIT 1`,
        assetId,
      )?.json,
    list: (query) => listAssets(reader, query),
    search: (query) => searchAssets(reader, query),
    tags: (query) => listTags(database, cursors, query),
    folders: (query) => listFolders(database, cursors, query),
    derived: (query) => listDerived(database, cursors, query),
    state: () => ({ phase: phaseOf(database), assets: total('assets') }),
    usage: () => ({ assets: total('assets'), bytes: total('bytes'), derived: total('derived') }),
    close: () => database.close(),
  };
}
