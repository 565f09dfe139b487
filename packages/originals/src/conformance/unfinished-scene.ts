import assert from 'node:assert/strict';
import type {
  AddedPart,
  Originals,
  UnfinishedUpload,
  UnfinishedUploads,
  UploadName,
  UploadPart,
} from '@safelight/core';
import { chunksOf, md5, startMs } from './scene.ts';

export interface UnfinishedUploadsUnderTest {
  /** Originals with `unfinished`. */
  readonly originals: Originals;
  /** The same originals in another process; the same object for an implementation that has only one process. */
  readonly elsewhere: Originals;
}

export interface UnfinishedScene {
  readonly here: UnfinishedUploads;
  readonly there: UnfinishedUploads;
  /** Receives the content of a part and adds it. */
  add(name: UploadName, part: SentPart): Promise<UnfinishedUpload | undefined>;
}

/** Defines a test that gets its own empty storage. */
export type UnfinishedCheck = (title: string, body: (scene: UnfinishedScene) => Promise<void>) => void;

export interface SentPart extends Partial<Pick<AddedPart, 'facts' | 'usedAt'>> {
  readonly start: number;
  readonly content: string;
  readonly total?: number;
  /** Where it is added. @default here */
  readonly place?: UnfinishedUploads;
}

export const film: UploadName = { key: 'ab'.repeat(32), sender: '0123456789abcdef' };
export const facts: AddedPart['facts'] = { resourceType: 'raw', publicId: 'film', client: 'c1' };

export function sceneOf({ originals, elsewhere }: UnfinishedUploadsUnderTest): UnfinishedScene {
  const { unfinished: here } = originals;
  const { unfinished: there } = elsewhere;
  assert.ok(here && there, 'create() returns originals without unfinished');
  return {
    here,
    there,
    async add(name, { place = here, usedAt = startMs, content, ...sent }) {
      const received = await (place === here ? originals : elsewhere).receive(chunksOf(content), { maxBytes: 1000 });
      return place.add(name, { facts: sent.facts ?? facts, part: partOf({ content, ...sent }), received, usedAt });
    },
  };
}

export function partOf({ start, content, total }: SentPart): UploadPart {
  return { start, end: start + content.length, total, etag: md5(content) };
}

export async function contentOf(place: UnfinishedUploads, name: UploadName): Promise<string> {
  let content = '';
  for (const part of (await place.read(name))?.parts ?? []) {
    for await (const chunk of place.bytesOf(name, part)) content += Buffer.from(chunk).toString();
  }
  return content;
}
