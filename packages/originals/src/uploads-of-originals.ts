import type { OriginalRecord, Originals, PublishedFacts, ReceivedBytes } from '@safelight/core';
import { assetFolder } from './asset-folder.ts';
import { isSystemError } from './durable-file.ts';
import { publishOnce } from './publish-once.ts';
import { type PublishOptions, publishUpload, type UploadIds } from './publish-record.ts';
import { readableOriginal } from './readable-original.ts';
import type { KnownVersions } from './version-records.ts';

type UploadsOfOriginals = Pick<Originals, 'publish'> & Required<Pick<Originals, 'publishOnce'>>;

/** The functions of `Originals` that publish received bytes. */
export function uploadsOfOriginals(root: string, options: PublishOptions): UploadsOfOriginals {
  function recordOf({ bytes, etag }: ReceivedBytes, facts: PublishedFacts) {
    const createdAt = options.clock();
    return (_known: KnownVersions, ids: UploadIds): OriginalRecord => ({ ...facts, ...ids, bytes, etag, createdAt });
  }

  return {
    publish: (received, facts) =>
      handedOver(received, facts, async () => {
        const folder = assetFolder(root, facts);
        const record = await publishUpload(folder, received.localPath, recordOf(received, facts), options);
        await discardPublished(received);
        return readableOriginal(folder, record);
      }),

    publishOnce(received, facts, { name, mayReplace }) {
      if (!/^[0-9a-f]{32}$/.test(name)) throw new TypeError('The name for publishOnce() must have 32 hex digits.');
      return handedOver(received, facts, async () => {
        const folder = assetFolder(root, facts);
        const once = { ...options, name, mayReplace, recordOf: recordOf(received, facts) };
        const { record, ...published } = await publishOnce(folder, received.localPath, once);
        if (!published.isExisting) await discardPublished(received);
        return { original: readableOriginal(folder, record), ...published };
      });
    },
  };
}

/** The version is published. A temporary file that cannot be removed now is removed later. */
async function discardPublished(received: ReceivedBytes): Promise<void> {
  await received.discard().catch(() => undefined);
}

async function handedOver<Result>(
  { localPath }: ReceivedBytes,
  { publicId }: PublishedFacts,
  publish: () => Promise<Result>,
): Promise<Result> {
  try {
    return await publish();
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    const message = `The received bytes of "${publicId}" are not at ${localPath} any more. They can be published once, and not after discard(). Receive them again.`;
    throw new Error(message, { cause: error });
  }
}
