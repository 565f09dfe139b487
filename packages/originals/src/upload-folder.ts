import { randomUUID } from 'node:crypto';
import { lutimes, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnfinishedUpload, UploadFacts, UploadName, UploadPart } from '@safelight/core';
import {
  isSystemError,
  linkExclusively,
  namesInside,
  readPlainFile,
  removeLeftover,
  syncDirectory,
  writeDurably,
} from './durable-file.ts';

/**
 * The folder of an upload in parts: `unfinished/<key>/<sender>`. Its files are the facts, the outcome, and one file for each
 * part, which has its range and its digest in its name. So a listing of names is the whole state.
 */
export interface UploadFolder {
  /** The directory of all originals. */
  readonly root: string;
  readonly name: UploadName;
  readonly path: string;
}

const factsFile = 'upload.json';
const outcomeFile = 'outcome.json';
const schema = 1;

export const keyPattern: RegExp = /^[0-9a-f]{64}$/;
export const senderPattern: RegExp = /^[0-9a-f]{16}$/;

/** @throws {TypeError} when the name has another form, because a path is made from it */
export function uploadFolder(root: string, name: UploadName): UploadFolder {
  if (!keyPattern.test(name.key) || !senderPattern.test(name.sender)) {
    throw new TypeError('The name of an unfinished upload must be { key, sender } with 64 and 16 hex digits.');
  }
  return { root, name, path: join(root, 'unfinished', name.key, name.sender) };
}

export function partPath({ path }: UploadFolder, { start, end, total, etag }: UploadPart): string {
  return join(path, `${start}-${end}-${total ?? 'x'}-${etag}.part`);
}

export function outcomePath({ path }: UploadFolder): string {
  return join(path, outcomeFile);
}

const partName = /^(\d{1,15})-(\d{1,15})-(x|\d{1,15})-([0-9a-f]{32})\.part$/;

/**
 * The parts in a listing, in the order of the file. Of parts that overlap, which only happens when a process is killed while
 * it adds a contradicting part, the first one counts.
 */
export function partsIn(names: readonly string[]): readonly UploadPart[] {
  const parts = names.flatMap((name): UploadPart[] => {
    const [, start, end, total, etag = ''] = partName.exec(name) ?? [];
    if (start === undefined) return [];
    return [{ start: Number(start), end: Number(end), total: total === 'x' ? undefined : Number(total), etag }];
  });
  parts.sort((a, b) => a.start - b.start || a.end - b.end || (a.etag < b.etag ? -1 : 1));
  let covered = -1;
  return parts.filter(({ start, end }) => {
    if (start < covered || (start === end && covered === end)) return false;
    covered = end;
    return true;
  });
}

/** @returns `undefined` when the folder does not exist, or its facts cannot be read */
export async function readUpload(folder: UploadFolder): Promise<UnfinishedUpload | undefined> {
  const names = await namesInside(folder.root, folder.path);
  const facts = names.includes(factsFile) ? await readFacts(folder) : undefined;
  if (facts === undefined) return undefined;
  const settled = names.includes(outcomeFile) ? await readSettled(folder) : undefined;
  return { ...folder.name, facts, parts: partsIn(names), outcome: undefined, ...settled };
}

export async function readFacts(folder: UploadFolder): Promise<UploadFacts | undefined> {
  return (await readJson<{ readonly facts: UploadFacts }>(join(folder.path, factsFile)))?.facts;
}

export type Settled = Pick<UnfinishedUpload, 'parts'> & { readonly outcome: string };

async function readSettled(folder: UploadFolder): Promise<Settled | undefined> {
  const settled = await readJson<Settled>(outcomePath(folder));
  return settled && { parts: settled.parts.map((part) => ({ ...part, total: part.total })), outcome: settled.outcome };
}

export function formatSettled(settled: Settled): string {
  return JSON.stringify({ schema, ...settled });
}

/** @returns `undefined` when the file is missing, damaged, or of another release */
async function readJson<Value extends object>(path: string): Promise<Value | undefined> {
  try {
    const value = JSON.parse((await readPlainFile(path)).toString('utf8')) as Value & { readonly schema?: unknown };
    return value?.schema === schema ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR')) return undefined;
    throw error;
  }
}

/** Creates the folder with its facts, durably, or leaves those that are there. The first of several processes wins. */
export async function claimUpload(folder: UploadFolder, facts: UploadFacts, temporary: string): Promise<void> {
  if ((await readFacts(folder)) !== undefined) return;
  await mkdir(folder.path, { recursive: true });
  // Nothing is written through a symbolic link.
  await namesInside(folder.root, folder.path);
  await mkdir(temporary, { recursive: true });
  const written = join(temporary, `${randomUUID()}-${factsFile}`);
  try {
    await writeDurably(written, JSON.stringify({ schema, facts }));
    const path = join(folder.path, factsFile);
    const isFirst = await linkExclusively(written, path);
    // The process that has written damaged facts cannot read them either.
    if (!isFirst && (await readFacts(folder)) === undefined) await rename(written, path);
  } finally {
    await removeLeftover(written);
  }
  for (const parent of [join(folder.path, '..'), join(folder.root, 'unfinished'), folder.root]) {
    await syncDirectory(parent);
  }
}

/** Writes the time of a use. Does nothing when the upload was removed. */
export async function markUsed({ path }: UploadFolder, usedAt: number): Promise<void> {
  await lutimes(join(path, factsFile), usedAt / 1000, usedAt / 1000).catch(ignoreAbsent);
}

/** The time of the last use; of a folder without facts, that of its last change. `undefined` when it was removed. */
export async function usedAtOf({ path }: UploadFolder): Promise<number | undefined> {
  const stats = (await stat(join(path, factsFile)).catch(ignoreAbsent)) ?? (await stat(path).catch(ignoreAbsent));
  return stats && Math.round(stats.mtimeMs);
}

function ignoreAbsent(error: unknown): undefined {
  if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error;
}

/** The bytes of all parts in a listing. After the outcome it is 0, because the bytes are removed. */
export function bytesIn(names: readonly string[]): number {
  if (names.includes(outcomeFile)) return 0;
  return partsIn(names).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The names of parts that are still there after the outcome: a process was killed before it removed them. */
export function leftoversIn(names: readonly string[]): readonly string[] {
  return names.includes(outcomeFile) ? names.filter((name) => partName.test(name)) : [];
}

export function isSettledIn(names: readonly string[]): boolean {
  return names.includes(outcomeFile);
}
