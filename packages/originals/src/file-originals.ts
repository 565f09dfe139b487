import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import {
  type Original,
  type OriginalRecord,
  type Originals,
  PayloadTooLargeError,
  type ReceivedBytes,
} from '@safelight/core';
import { checkOptions, functionValue, required, textValue, wholeValue } from '@safelight/protocol';
import { type AssetFolder, assetFolder, bytesPath, findVersion } from './asset-folder.ts';
import { isSystemError, readPlainChunks, readPlainFile, removeStale, syncDirectory } from './durable-file.ts';
import { checkFolderSchema } from './folder-schema.ts';
import { type PublishOptions, publishGone, publishUpload, type UploadName } from './publish-record.ts';
import { renameOriginal } from './rename-original.ts';
import type { KnownVersions } from './version-records.ts';

export interface FileOriginalsOptions {
  /** Created when it is not there. Several processes of one machine may share it. */
  readonly directory: string;
  /** How many older versions stay deliverable beside the current one; 3 by default, 0 keeps the current one only. */
  readonly maxVersions?: number;
  /** Epoch milliseconds; `Date.now` by default. */
  readonly clock?: () => number;
}

/**
 * Originals and their versions as files of a local disk.
 *
 * A version is an immutable record, named by its number and created exclusively; the current version is the highest
 * readable record. There is no pointer, no list and no lock, so a process may be killed at any point.
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when `maxVersions` cannot be used
 * @throws {Error} when the directory says that its records have a schema which this release does not know
 */
export function fileOriginals(given: FileOriginalsOptions): Originals {
  checkOptions<FileOriginalsOptions>('fileOriginals()', given, {
    directory: required(textValue("the path of a folder, such as 'data/originals'")),
    maxVersions: wholeValue({ min: 0 }),
    clock: functionValue('Date.now'),
  });
  const { directory, maxVersions = 3, clock = Date.now } = given;
  const root = resolve(directory);
  checkFolderSchema(root);
  const temporary = join(root, 'tmp');
  const options: PublishOptions = { temporary, maxVersions, clock };
  let sweeping: Promise<void> | undefined;

  const find: Originals['find'] = async (asset, version) => {
    const folder = assetFolder(root, asset);
    const record = await findVersion(folder, version);
    return record && readableOriginal(folder, record);
  };

  const receive: Originals['receive'] = async (source, limits) => {
    await makeDirectory(temporary);
    sweeping ??= sweep(temporary, clock());
    await sweeping;
    return receiveBytes(temporary, source, limits);
  };

  const publish: Originals['publish'] = async (received, facts) => {
    const folder = assetFolder(root, facts);
    const { bytes, etag, localPath } = received;
    const createdAt = clock();
    const describe = (_known: KnownVersions, name: UploadName): OriginalRecord => {
      return { ...facts, ...name, bytes, etag, createdAt };
    };
    try {
      const record = await publishUpload(folder, localPath, describe, options);
      // It is published; a temporary object that cannot be removed is swept away later.
      await received.discard().catch(() => undefined);
      return readableOriginal(folder, record);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
      const message = `The received bytes of "${facts.publicId}" are not at ${localPath} (any more): they can be published once, and not after they were discarded. Receive them again.`;
      throw new Error(message, { cause: error });
    }
  };

  const destroy: Originals['destroy'] = (asset) => publishGone(assetFolder(root, asset), () => true, options);

  const rename: Originals['rename'] = async (from, to, { overwrite }) => {
    const target = assetFolder(root, to);
    const record = await renameOriginal(assetFolder(root, from), target, { ...options, overwrite });
    return record === undefined || record === 'taken' ? record : readableOriginal(target, record);
  };

  return { find, receive, publish, destroy, rename };
}

async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true });
  if (firstCreated === undefined) return;
  for (let created = path; created.length >= firstCreated.length; created = dirname(created)) {
    await syncDirectory(dirname(created));
  }
}

/**
 * Streams bytes into a new file in `directory`, which must exist, and makes them durable.
 * @throws {PayloadTooLargeError} when more than `maxBytes` arrive
 * @throws the signal's reason when it aborts, at once, even while the source is silent
 * Whatever it throws, nothing stays behind.
 */
async function receiveBytes(
  directory: string,
  source: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<ReceivedBytes> {
  signal?.throwIfAborted();
  const localPath = join(directory, `${randomUUID()}.bytes`);
  const discard = (): Promise<void> => rm(localPath, { force: true });
  const md5 = createHash('md5');
  let bytes = 0;
  const handle = await open(localPath, 'wx');
  try {
    try {
      for await (const chunk of untilAborted(source, signal)) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw new PayloadTooLargeError(maxBytes);
        md5.update(chunk);
        await handle.writeFile(chunk);
      }
      // The source may have ended because of the abort.
      signal?.throwIfAborted();
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { bytes, etag: md5.digest('hex'), localPath, discard };
}

async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
  });
  // Only the race below handles a rejection. Between two chunks it would be unhandled and end the process.
  aborted.catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not awaited: with a source that is silent it may never settle.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** Removes what writers that died have left in the directory of temporary objects. */
async function sweep(temporary: string, nowMs: number): Promise<void> {
  const names = await readdir(temporary).catch(() => []);
  for (const name of names) await removeStale(join(temporary, name), nowMs);
}

/**
 * A record with its bytes. They are opened when they are read: ENOENT then means that the version was destroyed, or that
 * more uploads than are kept have come, since it was found.
 */
function readableOriginal(folder: AssetFolder, record: OriginalRecord): Original {
  const localPath = bytesPath(folder, record.versionId);
  return {
    ...record,
    localPath,
    stream: (start, end) => Readable.from(readPlainChunks(localPath, { start, end }), { objectMode: false }),
    bytesOf: () => readPlainFile(localPath),
  };
}
