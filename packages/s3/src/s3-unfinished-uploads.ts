import { createHash } from 'node:crypto';
import type {
  AddedPart,
  UnfinishedUpload,
  UnfinishedUploads,
  UploadName,
  UploadPart,
  UploadUse,
} from '@safelight/core';
import { newId } from './asset-state.ts';
import type { Bucket, ListedObject } from './bucket.ts';
import { allObjects } from './list-objects.ts';
import {
  factsKey,
  formatJson,
  isSamePart,
  outcomeKey,
  partKey,
  partsIn,
  uploadFolder,
  uploadNameOf,
  usedAtIn,
} from './upload-objects.ts';
import { markUsed, readState, type UploadState, writeUse } from './upload-state.ts';

/** How many uploads are read at the same time. */
const readsAtOnce = 16;

/**
 * Stores the parts of unfinished uploads in the bucket, so that each machine that shares it can receive the next part. Facts and
 * outcome are created exclusively; everything else is decided by one listing.
 */
export function s3UnfinishedUploads(bucket: Bucket, check: () => Promise<void>): UnfinishedUploads {
  const stateOf = (name: UploadName, listed?: readonly ListedObject[]) => readState(bucket, name, listed);
  return {
    async list() {
      const byFolder = await allFolders(bucket, 'u/');
      const uses: UploadUse[] = [];
      for (let at = 0; at < byFolder.length; at += readsAtOnce) {
        const some = byFolder.slice(at, at + readsAtOnce).map(({ name, objects }) => useOf(bucket, name, objects));
        uses.push(...(await Promise.all(some)).filter((use) => use !== undefined));
      }
      return uses;
    },
    async find(key) {
      // The sender is only there to make a valid name.
      uploadFolder({ key, sender: '0'.repeat(16) });
      const states = (await allFolders(bucket, `u/${key}/`)).map(({ name, objects }) => stateOf(name, objects));
      return (await Promise.all(states)).flatMap((state) => state?.upload ?? []);
    },
    read: async (name) => (await stateOf(name))?.upload,
    async add(name, added) {
      await check();
      return addPart(bucket, name, added);
    },
    async *bytesOf(name, part) {
      const own = (await stateOf(name))?.listed.find((stored) => isSamePart(stored.part, part));
      if (own === undefined) throw new Error(`${describePart(part)} are not stored.`);
      yield* checkedBytes(bucket, own.key, part);
    },
    async settle(name, outcome, usedAt) {
      const state = await stateOf(name);
      if (state === undefined || state.upload.outcome !== undefined) return;
      const { folder, stored, listed, upload } = state;
      const key = outcomeKey(folder, stored.id);
      if ((await bucket.create(key, formatJson({ parts: upload.parts, outcome }))) !== 'created') return;
      // The times in the keys of the parts end with the parts.
      await writeUse(bucket, state, Math.max(usedAt, usedAtIn(state.keys)));
      await Promise.allSettled(listed.map(({ key }) => bucket.remove(key)));
    },
    async remove(name) {
      const folder = uploadFolder(name);
      const objects = await allObjects(bucket, folder);
      // Without facts, there is no upload. Parts that stay after a crash belong to an ID that no upload will have.
      await bucket.remove(factsKey(folder));
      await Promise.allSettled(objects.map(({ key }) => bucket.remove(key)));
    },
  };
}

/** The objects of each upload below a prefix. */
async function allFolders(bucket: Bucket, prefix: string) {
  const folders = new Map<string, { readonly name: UploadName; readonly objects: ListedObject[] }>();
  for (const object of await allObjects(bucket, prefix)) {
    const name = uploadNameOf(object.key);
    if (name === undefined) continue;
    const folder = uploadFolder(name);
    const known = folders.get(folder) ?? { name, objects: [] };
    known.objects.push(object);
    folders.set(folder, known);
  }
  return [...folders.values()];
}

/** @returns `undefined` when the upload was removed; what is left of it is then removed too */
async function useOf(
  bucket: Bucket,
  name: UploadName,
  objects: readonly ListedObject[],
): Promise<UploadUse | undefined> {
  const folder = uploadFolder(name);
  const state = await readState(bucket, name, objects);
  const keys = objects.map(({ key }) => key);
  if (state === undefined && keys.includes(factsKey(folder))) {
    return { ...name, client: undefined, partCount: 0, bytes: 0, isSettled: false, usedAt: usedAtIn(keys) };
  }
  const isSettled = state?.upload.outcome !== undefined;
  const own = new Set(state === undefined ? [] : [factsKey(folder), ...state.keys]);
  const isLeft = (key: string): boolean => !own.has(key) || (isSettled && partsIn([key]).length > 0);
  await Promise.allSettled(keys.filter(isLeft).map((key) => bucket.remove(key)));
  if (state === undefined) return undefined;
  const { upload, listed } = state;
  const bytes = listed.reduce((sum, { part }) => sum + part.end - part.start, 0);
  const partCount = upload.parts.length;
  return { ...name, client: upload.facts.client, partCount, bytes, isSettled, usedAt: usedAtIn(state.keys) };
}

async function addPart(
  bucket: Bucket,
  name: UploadName,
  { facts, part, received, usedAt }: AddedPart,
): Promise<UnfinishedUpload | undefined> {
  const folder = uploadFolder(name);
  if ((await bucket.read(factsKey(folder))) === undefined) {
    // Another process may be faster: then its facts count.
    await bucket.create(factsKey(folder), formatJson({ id: newId(), facts }));
  }
  const before = await readState(bucket, name);
  if (before === undefined) return undefined;
  const { resourceType, publicId } = before.stored.facts;
  if (resourceType !== facts.resourceType || publicId !== facts.publicId) return undefined;
  const same = before.upload.parts.find((stored) => isSamePart(stored, part));
  if (before.upload.outcome !== undefined && same === undefined) return undefined;
  const isNews = part.total !== undefined && before.upload.parts.every(({ total }) => total === undefined);
  const isWritten = same === undefined || (isNews && before.upload.outcome === undefined);
  const key = partKey(folder, before.stored.id, part, usedAt);
  if (isWritten) {
    await bucket.writeFile(key, { path: received.localPath, bytes: received.bytes, etag: received.etag });
  } else await markUsed(bucket, before, usedAt);
  const after = await readState(bucket, name);
  const isAdded =
    after?.stored.id === before.stored.id && after.upload.parts.some((stored) => isSamePart(stored, part));
  if (!isAdded) {
    if (isWritten) await bucket.remove(key);
    return undefined;
  }
  await removeRepeats(bucket, after);
  await received.discard();
  return after.upload;
}

/** Removes a part without a total that another part repeats with a total, and older times. */
async function removeRepeats(bucket: Bucket, { keys, listed }: UploadState): Promise<void> {
  const counted = new Set(listed.map(({ key }) => key));
  const repeats = keys.filter((key) => {
    const [own] = partsIn([key]);
    return own !== undefined && !counted.has(key) && listed.some(({ part }) => isSamePart(part, own.part));
  });
  await Promise.allSettled(repeats.map((key) => bucket.remove(key)));
}

async function* checkedBytes(bucket: Bucket, key: string, part: UploadPart): AsyncGenerator<Uint8Array> {
  const md5 = createHash('md5');
  for await (const chunk of bucket.stream(key, { start: 0, end: part.end - part.start })) {
    md5.update(chunk as Buffer);
    yield chunk as Buffer;
  }
  if (md5.digest('hex') === part.etag) return;
  await bucket.remove(key);
  throw new Error(`${describePart(part)} were damaged in the bucket. They were removed.`);
}

function describePart({ start, end }: UploadPart): string {
  return `Bytes ${start} to ${end} of an unfinished upload`;
}
