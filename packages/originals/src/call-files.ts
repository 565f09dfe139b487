import { join } from 'node:path';
import type { NextCallState } from '@safelight/core';
import { isSystemError, namesInside, readPlainFile } from './durable-file.ts';
import { isForeign, parseSealed } from './version-records.ts';

/** Where the states of a call are: `calls/<2 digits>/<62 digits>-<revision>.json`. */
export interface CallPlace {
  readonly root: string;
  readonly folder: string;
  /** The digits of the key after the first two. */
  readonly rest: string;
}

const keyPattern = /^[0-9a-f]{64}$/;
const namePattern = /^([0-9a-f]{62})-([1-9]\d{0,14})\.json$/;
export const folderPattern: RegExp = /^[0-9a-f]{2}$/;

export function callsFolder(root: string): string {
  return join(root, 'calls');
}

/** @throws {TypeError} when the key has another form, because a path is made from it */
export function callPlace(root: string, key: string): CallPlace {
  if (!keyPattern.test(key)) throw new TypeError('The key of a remembered call must have 64 hex digits.');
  return { root, folder: join(callsFolder(root), key.slice(0, 2)), rest: key.slice(2) };
}

export function callFile({ folder, rest }: CallPlace, revision: number): string {
  return join(folder, `${rest}-${revision}.json`);
}

/** The revisions of a call, highest first. */
export async function revisionsOf(place: CallPlace): Promise<readonly number[]> {
  return revisionsIn(await namesInside(place.root, place.folder)).get(place.rest) ?? [];
}

/** The revisions of each call in a listing, highest first, by the rest of its key. */
export function revisionsIn(names: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const name of names) {
    const [, rest, revision] = namePattern.exec(name) ?? [];
    if (rest === undefined) continue;
    const revisions = found.get(rest) ?? [];
    revisions.push(Number(revision));
    found.set(rest, revisions);
  }
  for (const revisions of found.values()) revisions.sort((a, b) => b - a);
  return found;
}

/** @returns `'damaged'` also for a state of another release */
export async function readState(place: CallPlace, revision: number): Promise<NextCallState | 'absent' | 'damaged'> {
  let text: string;
  try {
    text = (await readPlainFile(callFile(place, revision))).toString('utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'absent';
    if (isSystemError(error, 'ELOOP', 'EISDIR')) return 'damaged';
    throw error;
  }
  const state = parseSealed(text);
  return state === undefined || isForeign(state) ? 'damaged' : (state as NextCallState);
}
