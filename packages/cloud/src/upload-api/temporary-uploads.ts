import { createReadStream } from 'node:fs';
import type { ReceivedBytes, UnfinishedUpload, UnfinishedUploads, UploadName, UploadPart } from '@safelight/core';
import { findPlace } from './received-parts.ts';

interface StoredUpload extends UnfinishedUpload {
  readonly parts: readonly StoredPart[];
  readonly usedAt: number;
}

interface StoredPart extends UploadPart {
  readonly received: ReceivedBytes;
}

/**
 * Unfinished uploads of this process, for originals that do not store them: the parts stay the temporary files that
 * `Originals.receive` has made.
 */
export function temporaryUploads(): UnfinishedUploads {
  const uploads = new Map<string, StoredUpload>();
  const textOf = ({ key, sender }: UploadName): string => `${key}/${sender}`;
  const discardAll = async (upload: StoredUpload | undefined): Promise<void> => {
    if (upload?.outcome !== undefined) return;
    await Promise.all((upload?.parts ?? []).map(({ received }) => received.discard()));
  };

  return {
    list: async () =>
      [...uploads.values()].map(({ key, sender, facts, parts, outcome, usedAt }) => ({
        key,
        sender,
        client: facts.client,
        partCount: parts.length,
        bytes: outcome === undefined ? parts.reduce((sum, { start, end }) => sum + end - start, 0) : 0,
        isSettled: outcome !== undefined,
        usedAt,
      })),
    find: async (key) => [...uploads.values()].filter((upload) => upload.key === key),
    read: async (name) => uploads.get(textOf(name)),

    async add(name, { facts, part, received, usedAt }) {
      const empty = { ...name, facts, parts: [], outcome: undefined };
      const known: Omit<StoredUpload, 'usedAt'> = uploads.get(textOf(name)) ?? empty;
      const { index, isReceived } = findPlace(known.parts, part);
      const same = known.parts[index];
      const stored = isReceived && same ? { ...same, total: same.total ?? part.total } : { ...part, received };
      const upload = { ...known, usedAt, parts: known.parts.toSpliced(index, isReceived ? 1 : 0, stored) };
      uploads.set(textOf(name), upload);
      if (isReceived) await received.discard();
      return upload;
    },

    async *bytesOf(name, { start, end }) {
      const part = uploads.get(textOf(name))?.parts.find((stored) => stored.start === start && stored.end === end);
      if (part === undefined) throw new Error(`Bytes ${start} to ${end} of an unfinished upload were removed.`);
      yield* createReadStream(part.received.localPath) as AsyncIterable<Uint8Array>;
    },

    async settle(name, outcome, usedAt) {
      const upload = uploads.get(textOf(name));
      if (upload === undefined || upload.outcome !== undefined) return;
      uploads.set(textOf(name), { ...upload, outcome, usedAt });
      await discardAll(upload);
    },

    async remove(name) {
      const upload = uploads.get(textOf(name));
      uploads.delete(textOf(name));
      await discardAll(upload);
    },
  };
}
