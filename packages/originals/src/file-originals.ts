import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Originals } from '@safelight/core';
import { checkOptions, functionValue, required, textValue, wholeValue } from '@safelight/protocol';
import { assetFolder } from './asset-folder.ts';
import { changesOfOriginals } from './changes-of-originals.ts';
import { createSweep, syncDirectory } from './durable-file.ts';
import { fileRememberedCalls } from './file-remembered-calls.ts';
import { fileUnfinishedUploads } from './file-unfinished-uploads.ts';
import { findVersion } from './find-version.ts';
import { checkFolderSchema } from './folder-schema.ts';
import type { PublishOptions } from './publish-record.ts';
import { readableOriginal } from './readable-original.ts';
import { receiveBytes } from './receive-bytes.ts';
import { uploadsOfOriginals } from './uploads-of-originals.ts';

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
    const found = await findVersion(folder, version);
    return found && readableOriginal(folder, found.record);
  };

  const receive: Originals['receive'] = async (source, limits) => {
    await makeDirectory(temporary);
    await sweep();
    return receiveBytes(temporary, source, limits);
  };

  return {
    find,
    receive,
    ...uploadsOfOriginals(root, options),
    ...changesOfOriginals(root, options),
    unfinished: fileUnfinishedUploads(root, temporary),
    calls: fileRememberedCalls({ root, temporary, clock }),
  };
}

async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true });
  if (firstCreated === undefined) return;
  for (let created = path; created.length >= firstCreated.length; created = dirname(created)) {
    await syncDirectory(dirname(created));
  }
}
