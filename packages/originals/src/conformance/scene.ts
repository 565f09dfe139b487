import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { AssetId, Original, Originals, ReceivedBytes } from '@safelight/core';

export interface ConformanceOptions {
  readonly maxVersions: number;
  /** Returns epoch milliseconds, in the past. Only the test changes it. */
  readonly clock: () => number;
}

export interface OriginalsUnderTest {
  readonly originals: Originals;
  /** The same originals in another process; the same object for an implementation that has only one process. */
  readonly elsewhere: Originals;
}

export interface Scene extends OriginalsUnderTest {
  /** The time of the clock, which a test may change. */
  readonly time: { nowMs: number };
}

/** Defines a test that gets its own originals, with `maxVersions` (3 by default) older versions. */
export type Check = (title: string, body: (scene: Scene) => Promise<void>, maxVersions?: number) => void;

export const startMs: number = 1_700_000_000_000;
export const cat: AssetId = { resourceType: 'image', publicId: 'animals/cat' };
export const dog: AssetId = { resourceType: 'image', publicId: 'animals/dog' };

export function receive(originals: Originals, content: string): Promise<ReceivedBytes> {
  return originals.receive(chunksOf(content), { maxBytes: 1_000_000 });
}

export async function upload(originals: Originals, asset: AssetId, content: string): Promise<Original> {
  return originals.publish(await receive(originals, content), { ...asset, format: 'jpg' });
}

export async function found(originals: Originals, asset: AssetId, version?: number): Promise<Original> {
  const original = await originals.find(asset, version);
  assert.ok(original, `${asset.publicId} was not found`);
  return original;
}

export async function current(originals: Originals, asset: AssetId, version?: number): Promise<string> {
  return (await (await found(originals, asset, version)).bytesOf()).toString();
}

export async function versionContent(
  originals: Originals,
  asset: AssetId,
  version: number,
): Promise<string | undefined> {
  return (await (await originals.find(asset, version))?.bytesOf())?.toString();
}

export async function readAll(original: Original): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of original.stream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function recordOf(original: Original): object {
  const { localPath: _path, toFile: _toFile, stream: _stream, bytesOf: _bytesOf, ...record } = original;
  return record;
}

export function md5(content: string): string {
  return createHash('md5').update(content).digest('hex');
}

export async function* chunksOf(...contents: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const content of contents) yield Buffer.from(content);
}

export async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(40_000);
}

export async function* silentAfter(content: string, thenDo: () => void): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
  thenDo();
  await new Promise<never>(() => undefined);
}

export async function* failingAfter(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
  throw new Error('connection reset');
}
