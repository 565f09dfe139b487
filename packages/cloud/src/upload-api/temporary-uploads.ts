import { createReadStream } from 'node:fs';
import type {
  ReceivedBytes,
  UnfinishedUpload,
  UnfinishedUploads,
  UploadFacts,
  UploadName,
  UploadUse,
} from '@safelight/core';
import { findPlace } from './received-parts.ts';

interface StoredUpload {
  readonly upload: UnfinishedUpload;
  readonly usedAt: number;
  /** The bytes of each part, by its first byte. They are removed after the outcome. */
  readonly bytes: Map<number, ReceivedBytes>;
}

/**
 * Unfinished uploads of this process, for originals that do not store them: the parts stay the temporary files that
 * `Originals.receive` has made.
 */
export function temporaryUploads(): UnfinishedUploads {
  const uploads = new Map<string, StoredUpload>();
  const textOf = ({ key, sender }: UploadName): string => `${key}/${sender}`;

  async function discardAll({ bytes }: StoredUpload): Promise<void> {
    const received = [...bytes.values()];
    bytes.clear();
    await Promise.all(received.map((file) => file.discard()));
  }

  return {
    list: async () => [...uploads.values()].map(useOf),
    find: async (key) => [...uploads.values()].map(({ upload }) => upload).filter((upload) => upload.key === key),
    read: async (name) => uploads.get(textOf(name))?.upload,

    async add(name, { facts, part, received, usedAt }) {
      const known = uploads.get(textOf(name));
      const { upload, bytes } = known ?? newUpload(name, facts);
      const { index, isReceived } = findPlace(upload.parts, part);
      const stored = { ...part, total: part.total ?? upload.parts[isReceived ? index : -1]?.total };
      const parts = upload.parts.toSpliced(index, isReceived ? 1 : 0, stored);
      if (!isReceived) bytes.set(part.start, received);
      uploads.set(textOf(name), { upload: { ...upload, parts }, usedAt, bytes });
      if (isReceived) await received.discard();
      return { ...upload, parts };
    },

    async *bytesOf(name, { start, end }) {
      const received = uploads.get(textOf(name))?.bytes.get(start);
      if (received === undefined) throw new Error(`Bytes ${start} to ${end} of an unfinished upload were removed.`);
      yield* createReadStream(received.localPath) as AsyncIterable<Uint8Array>;
    },

    async settle(name, outcome, usedAt) {
      const known = uploads.get(textOf(name));
      if (known === undefined || known.upload.outcome !== undefined) return;
      uploads.set(textOf(name), { ...known, upload: { ...known.upload, outcome }, usedAt });
      await discardAll(known);
    },

    async remove(name) {
      const known = uploads.get(textOf(name));
      uploads.delete(textOf(name));
      if (known !== undefined) await discardAll(known);
    },
  };
}

function newUpload(name: UploadName, facts: UploadFacts): Omit<StoredUpload, 'usedAt'> {
  return { upload: { ...name, facts, parts: [], outcome: undefined }, bytes: new Map() };
}

function useOf({ upload: { key, sender, facts, parts, outcome }, usedAt, bytes }: StoredUpload): UploadUse {
  const storedBytes = [...bytes.values()].reduce((sum, received) => sum + received.bytes, 0);
  const isSettled = outcome !== undefined;
  return { key, sender, client: facts.client, partCount: parts.length, bytes: storedBytes, isSettled, usedAt };
}
