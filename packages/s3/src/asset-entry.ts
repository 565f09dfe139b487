import { createHash } from 'node:crypto';
import type { AssetId } from '@safelight/core';
import type { AssetState } from './asset-state.ts';

/** The schema of entries. Increase it when an older release could misread an entry; older ones must stay readable. */
const schema = 1;

/** One entry of an asset's log. It is immutable, and created exclusively under its number. */
export interface AssetEntry {
  /** 1 for the first entry; 0 stands for an asset without entries. */
  readonly number: number;
  /**
   * The random IDs of this entry and of those before it, the newest first. So a process finds out whether an entry of its
   * own is part of the log, also when that entry was removed.
   */
  readonly ids: readonly string[];
  readonly state: AssetState;
}

/** How many IDs an entry has. If fewer entries follow an entry, its ID tells for certain whether it is in the log. */
export const maxIds = 64;

const highestNumber = 9_999_999_999;

/** The folder of an asset: SHA-256 of its type and ID, since an ID may have any characters. JSON escapes lone surrogates. */
export function assetFolder({ resourceType, publicId }: AssetId): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([resourceType, publicId]))
    .digest('hex');
  return `a/${hash}/`;
}

/** The key of an entry. The numbers count down, so the newest entry is the first one in a listing. */
export function entryKey(folder: string, number: number): string {
  return `${folder}v/${String(highestNumber - number).padStart(10, '0')}`;
}

export function bytesKey(folder: string, bytesId: string): string {
  return `${folder}b/${bytesId}`;
}

const entryPattern = /^a\/[0-9a-f]{64}\/v\/(\d{10})$/;
const bytesPattern = /^a\/[0-9a-f]{64}\/b\/([0-9a-f]{32})$/;

/** The number in the key of an entry; `undefined` for other keys. */
export function entryNumber(key: string): number | undefined {
  const [, text] = entryPattern.exec(key) ?? [];
  return text === undefined ? undefined : highestNumber - Number(text);
}

/** The name of bytes in their key; `undefined` for other keys. */
export function bytesIdIn(key: string): string | undefined {
  return bytesPattern.exec(key)?.[1];
}

/** The folder of a key; `undefined` for keys outside of all assets. */
export function folderOf(key: string): string | undefined {
  return /^a\/[0-9a-f]{64}\//.exec(key)?.[0];
}

export function formatEntry(entry: AssetEntry): Buffer {
  return Buffer.from(`${JSON.stringify({ schema, checksum: digestOf(entry), entry })}\n`);
}

/** An entry cannot be read. Then nothing is known of its asset: an older entry must not take its place. */
export class UnreadableEntryError extends Error {
  override readonly name = 'UnreadableEntryError' as const;
}

/**
 * Reads an entry.
 * @throws {UnreadableEntryError} when it is damaged, belongs to another key, or was written by a newer release
 */
export function parseEntry(text: Buffer, key: string): AssetEntry {
  const document = parseJson(text);
  if (document?.schema !== undefined && document.schema !== schema) {
    throw new UnreadableEntryError(
      `${key} has schema ${document.schema}, but this release of Safelight knows only schema ${schema}. Start the release that wrote it, or a later one. Nothing has been changed.`,
    );
  }
  const { entry, checksum } = document ?? {};
  const isIntact = entry !== undefined && checksum === digestOf(entry) && entry.number === entryNumber(key);
  if (isIntact && key.startsWith(assetFolder(entry.state))) return entry;
  throw new UnreadableEntryError(
    `${key} is damaged: its checksum or its place is wrong. Restore the object; without it, the asset goes back to its state before the last change.`,
  );
}

interface EntryDocument {
  readonly schema?: number;
  readonly checksum?: string;
  readonly entry?: AssetEntry;
}

function parseJson(text: Buffer): EntryDocument | undefined {
  try {
    return JSON.parse(text.toString('utf8')) as EntryDocument;
  } catch {
    return undefined;
  }
}

function digestOf(entry: AssetEntry): string {
  return createHash('sha256').update(JSON.stringify(entry)).digest('hex');
}
