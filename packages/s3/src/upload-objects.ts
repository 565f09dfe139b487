import type { UnfinishedUpload, UploadFacts, UploadName, UploadPart } from '@safelight/core';
import type { ListedObject } from './bucket.ts';

/**
 * The objects of an upload in parts, below `u/<key>/<sender>/`: its facts, which are created exclusively and have a random ID,
 * and below this ID the parts, the outcome and the times of uses. All but facts and outcome is in the keys, so one listing has
 * it. Objects below another ID were left by a removed upload.
 */
export interface StoredUpload {
  readonly id: string;
  readonly facts: UploadFacts;
}

const schema = 1;
const folderPattern = /^u\/([0-9a-f]{64})\/([0-9a-f]{16})\//;

/** @throws {TypeError} when the name has another form, because a key is made from it */
export function uploadFolder({ key, sender }: UploadName): string {
  const folder = `u/${key}/${sender}/`;
  if (folderPattern.exec(folder)?.[0] === folder) return folder;
  throw new TypeError('The name of an unfinished upload must be { key, sender } with 64 and 16 hex digits.');
}

/** The upload to which an object belongs. */
export function uploadNameOf(objectKey: string): UploadName | undefined {
  const [, key, sender] = folderPattern.exec(objectKey) ?? [];
  return key === undefined || sender === undefined ? undefined : { key, sender };
}

export function factsKey(folder: string): string {
  return `${folder}facts`;
}

export function outcomeKey(folder: string, id: string): string {
  return `${folder}${id}/outcome`;
}

export function useKey(folder: string, id: string, usedAt: number): string {
  return `${folder}${id}/used-${usedAt}`;
}

/** The total that a part states is in its key, so a repeat that states it has another key. */
export function partKey(folder: string, id: string, part: UploadPart, usedAt: number): string {
  const { start, end, total, etag } = part;
  return `${folder}${id}/part-${start}-${end}-${total ?? 'x'}-${etag}-${usedAt}`;
}

/** A part with its key. */
export interface ListedPart {
  readonly part: UploadPart;
  readonly key: string;
}

const partPattern = /\/part-(\d{1,15})-(\d{1,15})-(x|\d{1,15})-([0-9a-f]{32})-(\d{1,15})$/;

/**
 * The parts in a listing, in the order of the file. Of parts that overlap, which happens when two processes add contradicting
 * parts at the same time, the first one counts; of equal ones, the one that states the total.
 */
export function partsIn(keys: readonly string[]): readonly ListedPart[] {
  const parts = keys.flatMap((key): ListedPart[] => {
    const [, start, end, total, etag = ''] = partPattern.exec(key) ?? [];
    if (start === undefined) return [];
    return [
      { key, part: { start: Number(start), end: Number(end), total: total === 'x' ? undefined : Number(total), etag } },
    ];
  });
  parts.sort(({ part: a }, { part: b }) => {
    return a.start - b.start || a.end - b.end || (a.etag < b.etag ? -1 : Number(a.etag > b.etag)) || rank(a) - rank(b);
  });
  let covered = -1;
  return parts.filter(({ part: { start, end } }) => {
    if (start < covered || (start === end && covered === end)) return false;
    covered = end;
    return true;
  });
}

function rank({ total }: UploadPart): number {
  return total === undefined ? 1 : 0;
}

/** The newest time of a use in a listing; 0 without one. */
export function usedAtIn(keys: readonly string[]): number {
  return keys.reduce((newest, key) => {
    const [, usedAt] = /\/(?:part-.*-|used-)(\d{1,15})$/.exec(key) ?? [];
    return Math.max(newest, Number(usedAt ?? 0));
  }, 0);
}

/** The keys of a listing that belong to the upload with this ID. */
export function keysOf(listed: readonly ListedObject[], folder: string, id: string): readonly string[] {
  return listed.map(({ key }) => key).filter((key) => key.startsWith(`${folder}${id}/`));
}

export type Settled = Pick<UnfinishedUpload, 'parts'> & { readonly outcome: string };

export function formatJson(value: StoredUpload | Settled): Buffer {
  return Buffer.from(JSON.stringify({ schema, ...value }));
}

/** @returns `undefined` when the text is damaged, or of another release */
export function parseJson<Value extends object>(text: Buffer): Value | undefined {
  try {
    const value = JSON.parse(text.toString('utf8')) as Value & { readonly schema?: unknown };
    return value?.schema === schema ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether two parts have the same bytes at the same place. */
export function isSamePart(a: UploadPart, b: UploadPart): boolean {
  return a.start === b.start && a.end === b.end && a.etag === b.etag;
}
