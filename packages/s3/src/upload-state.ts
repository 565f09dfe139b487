import type { UnfinishedUpload, UploadName } from '@safelight/core';
import type { Bucket, ListedObject } from './bucket.ts';
import { allObjects } from './list-objects.ts';
import {
  factsKey,
  keysOf,
  type ListedPart,
  outcomeKey,
  parseJson,
  partsIn,
  type Settled,
  type StoredUpload,
  uploadFolder,
  usedAtIn,
  useKey,
} from './upload-objects.ts';

/** An upload as it was listed. */
export interface UploadState {
  readonly folder: string;
  readonly stored: StoredUpload;
  readonly keys: readonly string[];
  /** The parts with bytes; none after the outcome. */
  readonly listed: readonly ListedPart[];
  readonly upload: UnfinishedUpload;
}

/** @returns `undefined` when there is no upload, or its facts cannot be read */
export async function readState(
  bucket: Bucket,
  name: UploadName,
  given?: readonly ListedObject[],
): Promise<UploadState | undefined> {
  const folder = uploadFolder(name);
  const objects = given ?? (await allObjects(bucket, folder));
  if (!objects.some(({ key }) => key === factsKey(folder))) return undefined;
  const facts = await bucket.read(factsKey(folder));
  const stored = facts && parseJson<StoredUpload>(facts.body);
  if (stored === undefined) return undefined;
  const keys = keysOf(objects, folder, stored.id);
  const settled = keys.includes(outcomeKey(folder, stored.id))
    ? await readSettled(bucket, folder, stored.id)
    : undefined;
  const listed = settled === undefined ? partsIn(keys) : [];
  const parts = settled?.parts ?? listed.map(({ part }) => part);
  const upload = { ...name, facts: stored.facts, parts, outcome: settled?.outcome };
  return { folder, stored, keys, listed, upload };
}

async function readSettled(bucket: Bucket, folder: string, id: string): Promise<Settled | undefined> {
  const found = await bucket.read(outcomeKey(folder, id));
  const settled = found && parseJson<Settled>(found.body);
  return settled && { parts: settled.parts.map((part) => ({ ...part, total: part.total })), outcome: settled.outcome };
}

/** Stores the time of a use, unless a later one is known. */
export async function markUsed(bucket: Bucket, state: UploadState, usedAt: number): Promise<void> {
  if (usedAtIn(state.keys) < usedAt) await writeUse(bucket, state, usedAt);
}

/** Stores the time of a use in the place of all earlier ones. */
export async function writeUse(bucket: Bucket, { folder, stored, keys }: UploadState, usedAt: number): Promise<void> {
  await bucket.write(useKey(folder, stored.id, usedAt), Buffer.alloc(0));
  const older = keys.filter((key) => key.includes('/used-') && key !== useKey(folder, stored.id, usedAt));
  await Promise.allSettled(older.map((key) => bucket.remove(key)));
}
