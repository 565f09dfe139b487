import { resolve } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { AssetIndex, OriginalRecord } from '@safelight/core';
import { checkOptions, functionValue, required, textValue, wholeValue } from '@safelight/protocol';
import { checkQuery } from './check-query.ts';
import { type IndexThread, startIndexThread } from './index-thread.ts';
import type { JsonPage, ReadMethods, ThreadOptions, ThreadRole, WriteMethods } from './index-thread-messages.ts';
import { recordJson } from './record-json.ts';

export interface SqliteAssetIndexOptions {
  /** The path of the file, which is created when it does not exist. Only one process at a time can use it. */
  readonly file: string;
  /** A search that takes longer, in milliseconds, rejects with `SearchTooLongError`. @default 10000 */
  readonly maxSearchMs?: number;
  /**
   * Gets an error when the file is damaged or has the schema of another release. Such a file is renamed, and an empty
   * index is built. @default console.error
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * Records of one transaction while the index is rebuilt. Each transaction writes the changed pages to the disk, so large ones
 * are faster; a change waits for the one that is under way, about 0.2 s.
 */
const recordsAtOnce = 1000;
const recordsInARow = 50;

/**
 * The index of assets in a SQLite file, by `node:sqlite`. It works in threads of its own: one writes, one reads lists, and
 * one searches, so a long search delays neither uploads nor lists, and none of them the process. The file may be lost:
 * `indexedOriginals` builds it again.
 *
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when `maxSearchMs` is not a whole number, at least 1
 * @example
 * const index = sqliteAssetIndex({ file: 'data/index.db' });
 * const page = await index.list({ resourceType: 'image', prefix: 'animals/', limit: 50 });
 * page.assets[0]?.publicId; // such as 'animals/cat'
 * await index.close();
 */
export function sqliteAssetIndex(given: SqliteAssetIndexOptions): AssetIndex {
  checkOptions<SqliteAssetIndexOptions>('sqliteAssetIndex()', given, {
    file: required(textValue("the path of a file, such as 'data/index.db'")),
    maxSearchMs: wholeValue({ min: 1 }),
    onError: functionValue('console.error'),
  });
  const { file, maxSearchMs = 10_000, onError = console.error } = given;
  const threads = createThreads(resolve(file), maxSearchMs, (message) => onError(new Error(message)));
  const write: Call<WriteMethods> = (method, ...args) => threads.write.call(method, ...args);
  const read = (async (method, ...args) => {
    const thread = await threads.reader(method === 'search' ? 'search' : 'read');
    return thread.call(method, ...args);
  }) as Call<ReadMethods>;

  return {
    begin: ({ resourceType, publicId }) => write('begin', { resourceType, publicId }),
    end: ({ resourceType, publicId }, current) =>
      write('end', { resourceType, publicId }, current === undefined ? undefined : recordJson(current)),
    unfinished: () => write('unfinished'),
    state: () => read('state'),
    rebuild: (records) => rebuild(write, records),
    async find(assetId) {
      const json = await read('find', assetId);
      return json === undefined ? undefined : (JSON.parse(json) as OriginalRecord);
    },
    list: async (query) => withAssets(await read('list', checkQuery(query))),
    search: async (query) => withAssets(await read('search', checkQuery(query))),
    async tags(query) {
      const { names, ...page } = await read('tags', checkQuery(query));
      return { ...page, tags: names };
    },
    async folders(query) {
      const { names, ...page } = await read('folders', checkQuery(query));
      return { ...page, folders: names };
    },
    createFolder: (path) => write('createFolder', path),
    deleteFolder: (path) => write('deleteFolder', path),
    addDerived: (entries) => write('addDerived', entries),
    derived: (query) => read('derived', checkQuery(query)),
    removeDerived: (ids) => write('removeDerived', ids),
    removeDerivedOf: ({ resourceType, publicId }) => write('removeDerivedOf', { resourceType, publicId }),
    usage: () => read('usage'),
    close: () => threads.close(),
  };
}

function withAssets<Page extends JsonPage>({ json, ...page }: Page): Omit<Page, 'json'> & { assets: OriginalRecord[] } {
  return { ...page, assets: JSON.parse(json) as OriginalRecord[] };
}

type Call<Methods extends Record<keyof Methods, (...args: never) => unknown>> = IndexThread<Methods>['call'];

interface Threads {
  readonly write: IndexThread<WriteMethods>;
  /** Starts the thread if necessary, after the writer has opened the file. */
  reader(role: ThreadRole): Promise<IndexThread<ReadMethods>>;
  close(): Promise<void>;
}

function createThreads(path: string, maxSearchMs: number, say: (message: string) => void): Threads {
  const optionsOf = (role: ThreadRole): ThreadOptions => ({ role, path, maxSearchMs });
  const write = startIndexThread<WriteMethods>(optionsOf('write'), say);
  const readers = new Map<ThreadRole, Promise<IndexThread<ReadMethods>>>();
  let isClosed = false;
  return {
    write,
    reader(role) {
      if (isClosed) return Promise.reject(new Error('The index is closed.'));
      const known = readers.get(role);
      if (known !== undefined) return known;
      const started = write.call('unfinished').then(() => startIndexThread<ReadMethods>(optionsOf(role), say));
      readers.set(role, started);
      // A call that fails here begins again at the next one.
      started.catch(() => readers.delete(role));
      return started;
    },
    async close() {
      isClosed = true;
      const started = await Promise.allSettled(readers.values());
      await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
      // The last connection that closes writes the rest of the WAL into the file.
      await write.close();
    },
  };
}

async function rebuild(write: Call<WriteMethods>, records: AsyncIterable<OriginalRecord>): Promise<void> {
  await write('beginBuild');
  let isComplete = false;
  try {
    let batch: string[] = [];
    for await (const record of records) {
      batch.push(recordJson(record));
      // A list in memory would hold the event loop until the batch is full.
      if (batch.length % recordsInARow === 0) await yieldToOthers();
      if (batch.length < recordsAtOnce) continue;
      await write('build', batch);
      batch = [];
    }
    await write('build', batch);
    let lastId: number | undefined = 0;
    while (lastId !== undefined) lastId = await write('removeStale', lastId);
    isComplete = true;
  } finally {
    for (let at: number | undefined = 0; at !== undefined; ) at = await write('addIndex', at);
    await write('endBuild', isComplete);
  }
}
