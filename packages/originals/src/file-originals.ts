import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
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
import { createSweep, isSystemError, readPlainChunks, readPlainFile, syncDirectory } from './durable-file.ts';
import { fileUnfinishedUploads } from './file-unfinished-uploads.ts';
import { checkFolderSchema } from './folder-schema.ts';
import { type PublishOptions, publishGone, publishUpload, type UploadIds } from './publish-record.ts';
import { renameOriginal } from './rename-original.ts';
import type { KnownVersions } from './version-records.ts';

export interface FileOriginalsOptions {
  /** The path of the folder, which is created at the first upload. Several processes of one machine may share it. */
  readonly directory: string;
  /** How many older versions stay deliverable beside the current one. 0: only the current one. @default 3 */
  readonly maxVersions?: number;
  /** Returns epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/**
 * Stores originals and their versions as files of a local disk.
 *
 * A version is an immutable record, which has its number as its name and is created exclusively. The current version is
 * the highest readable record. The format does not need a pointer, a list or a lock, so a process may be killed at any
 * point.
 *
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when `maxVersions` is negative or not a whole number
 * @throws {UnknownSchemaError} when the directory has a schema that this release does not know
 * @throws {Error} when the file with the schema cannot be read
 * @example
 * import { createReadStream } from 'node:fs';
 *
 * const originals = fileOriginals({ directory: 'data/originals' });
 * const received = await originals.receive(createReadStream('cat.jpg'), { maxBytes: 10_000_000 });
 * const cat = await originals.publish(received, { resourceType: 'image', publicId: 'cat', format: 'jpg' });
 * cat.version; // the time in Unix seconds, such as 1764440000
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
  const sweep = createSweep(temporary, clock);

  const find: Originals['find'] = async (asset, version) => {
    const folder = assetFolder(root, asset);
    const record = await findVersion(folder, version);
    return record && readableOriginal(folder, record);
  };

  const receive: Originals['receive'] = async (source, limits) => {
    await makeDirectory(temporary);
    await sweep();
    return receiveBytes(temporary, source, limits);
  };

  const publish: Originals['publish'] = async (received, metadata) => {
    const folder = assetFolder(root, metadata);
    const { bytes, etag, localPath } = received;
    const createdAt = clock();
    const recordOf = (_known: KnownVersions, ids: UploadIds): OriginalRecord => {
      return { ...metadata, ...ids, bytes, etag, createdAt };
    };
    try {
      const record = await publishUpload(folder, localPath, recordOf, options);
      // The version is published. A temporary file that cannot be removed now is removed later.
      await received.discard().catch(() => undefined);
      return readableOriginal(folder, record);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
      const message = `The received bytes of "${metadata.publicId}" are not at ${localPath} any more. They can be published once, and not after discard(). Receive them again.`;
      throw new Error(message, { cause: error });
    }
  };

  const destroy: Originals['destroy'] = (asset) => publishGone(assetFolder(root, asset), () => true, options);

  const rename: Originals['rename'] = async (from, to, { overwrite }) => {
    const target = assetFolder(root, to);
    const record = await renameOriginal(assetFolder(root, from), target, { ...options, overwrite });
    return record === undefined || record === 'taken' ? record : readableOriginal(target, record);
  };

  const unfinished = fileUnfinishedUploads(root, temporary);
  return { find, receive, publish, destroy, rename, unfinished };
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
 * After an error, the file is removed.
 *
 * @throws {PayloadTooLargeError} when more than `maxBytes` arrive
 * @throws {unknown} when the signal aborts: its reason, at once, also while the source is silent
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
      // The abort may have ended the source.
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
  // The race below handles a rejection. Between two races it would be unhandled and end the process.
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
    // Do not await this: for a silent source it may never settle.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/**
 * A record with functions that read its bytes. The bytes are opened when they are read. ENOENT then means that the version
 * was destroyed since it was found, or that newer uploads have replaced it.
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
