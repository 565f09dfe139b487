import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddedPart, UnfinishedUpload, UnfinishedUploads, UploadPart, UploadUse } from '@safelight/core';
import {
  isSystemError,
  namesInside,
  readPlainChunks,
  removeLeftover,
  syncDirectory,
  writeDurably,
} from './durable-file.ts';
import {
  bytesIn,
  claimUpload,
  formatSettled,
  isSettledIn,
  keyPattern,
  leftoversIn,
  markUsed,
  outcomePath,
  partPath,
  partsIn,
  readFacts,
  readUpload,
  senderPattern,
  type UploadFolder,
  uploadFolder,
  usedAtOf,
} from './upload-folder.ts';
import { uploadsInUse } from './uploads-in-use.ts';

/** How often a part is added again when another process removes its upload at the same time. */
const maxAttempts = 3;

/**
 * Stores the parts of unfinished uploads below the directory of originals, outside of `tmp`. A part gets its name by one
 * `rename(2)`, after its bytes are durable, so a killed process leaves no half of it. Several processes of one machine may
 * share the directory.
 *
 * @param temporary - the folder of received bytes, in the same file system
 */
export function fileUnfinishedUploads(root: string, temporary: string): UnfinishedUploads {
  const all = join(root, 'unfinished');
  const removed = join(all, 'removed');

  const remove: UnfinishedUploads['remove'] = async (name) => {
    const { path } = uploadFolder(root, name);
    const away = join(removed, randomUUID());
    await mkdir(removed, { recursive: true });
    try {
      await rename(path, away);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
    // Another sender may have the same key.
    await rmdir(join(path, '..')).catch(() => undefined);
    await removeTree(away);
  };

  async function foldersOf(key: string): Promise<readonly UploadFolder[]> {
    const senders = await namesInside(root, join(all, key));
    return senders.filter((sender) => senderPattern.test(sender)).map((sender) => uploadFolder(root, { key, sender }));
  }

  return {
    async list() {
      const names = await namesInside(root, all);
      for (const name of await namesInside(root, removed)) await removeTree(join(removed, name));
      const uses: UploadUse[] = [];
      for (const key of names) {
        if (!keyPattern.test(key)) continue;
        for (const folder of await foldersOf(key)) {
          const use = await useOf(folder);
          if (use !== undefined) uses.push(use);
        }
      }
      return uses;
    },

    async find(key) {
      if (!keyPattern.test(key)) throw new TypeError('The key of an unfinished upload must have 64 hex digits.');
      const uploads = await Promise.all((await foldersOf(key)).map(readUpload));
      return uploads.filter((upload) => upload !== undefined);
    },

    read: async (name) => readUpload(uploadFolder(root, name)),

    async add(name, added) {
      const folder = uploadFolder(root, name);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await addPart(folder, added, temporary);
        } catch (error) {
          if (!isSystemError(error, 'ENOENT') || attempt === maxAttempts) throw error;
        }
      }
    },

    bytesOf: (name, part) => checkedBytes(partPath(uploadFolder(root, name), part), part),

    settle: (name, outcome, usedAt) => settleUpload(uploadFolder(root, name), { outcome, usedAt }, temporary),

    remove,
    uses: uploadsInUse(root, join(all, 'in-use')),
  };
}

/** @returns `undefined` when the upload was removed meanwhile */
async function useOf(folder: UploadFolder): Promise<UploadUse | undefined> {
  const names = await namesInside(folder.root, folder.path);
  for (const name of leftoversIn(names)) await removeLeftover(join(folder.path, name));
  const usedAt = await usedAtOf(folder);
  if (usedAt === undefined) return undefined;
  const isSettled = isSettledIn(names);
  const partCount = isSettled ? ((await readUpload(folder))?.parts.length ?? 0) : partsIn(names).length;
  const client = (await readFacts(folder))?.client;
  return { ...folder.name, client, partCount, bytes: bytesIn(names), isSettled, usedAt };
}

async function addPart(
  folder: UploadFolder,
  { facts, part, received, usedAt }: AddedPart,
  temporary: string,
): Promise<UnfinishedUpload | undefined> {
  await claimUpload(folder, facts, temporary);
  const known = await readUpload(folder);
  const own = partPath(folder, part);
  const same = known?.parts.find((stored) => isSame(stored, part));
  if (same === undefined) {
    await rename(received.localPath, own);
  } else {
    const isNews = part.total !== undefined && known?.parts.every(({ total }) => total === undefined);
    if (isNews && known?.outcome === undefined) await rename(partPath(folder, same), own);
    await received.discard();
  }
  await syncDirectory(folder.path);
  await markUsed(folder, usedAt);
  const upload = await readUpload(folder);
  const isOne = upload?.facts.resourceType === facts.resourceType && upload.facts.publicId === facts.publicId;
  if (isOne && upload.parts.some((stored) => isSame(stored, part))) return upload;
  if (same === undefined) await rename(own, received.localPath);
  return undefined;
}

async function settleUpload(
  folder: UploadFolder,
  { outcome, usedAt }: { readonly outcome: string; readonly usedAt: number },
  temporary: string,
): Promise<void> {
  const upload = await readUpload(folder);
  if (upload === undefined || upload.outcome !== undefined) return;
  const written = join(temporary, `${randomUUID()}-outcome.json`);
  try {
    await mkdir(temporary, { recursive: true });
    await writeDurably(written, formatSettled({ parts: upload.parts, outcome }));
    await rename(written, outcomePath(folder));
  } finally {
    await removeLeftover(written);
  }
  await syncDirectory(folder.path);
  await markUsed(folder, usedAt);
  for (const part of upload.parts) await removeLeftover(partPath(folder, part));
}

function isSame(a: UploadPart, b: UploadPart): boolean {
  return a.start === b.start && a.end === b.end && a.etag === b.etag;
}

async function* checkedBytes(path: string, { start, end, etag }: UploadPart): AsyncGenerator<Uint8Array> {
  const md5 = createHash('md5');
  for await (const chunk of readPlainChunks(path)) {
    md5.update(chunk);
    yield chunk;
  }
  if (md5.digest('hex') === etag) return;
  await removeLeftover(path);
  throw new Error(`Bytes ${start} to ${end} of an unfinished upload were damaged on the disk. They were removed.`);
}

/** Removes a folder. Never rejects: files that stay are removed later. */
async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}
