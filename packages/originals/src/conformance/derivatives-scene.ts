import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { CachedBytes, CachedHead, Derivatives, Draft } from '@safelight/core';

export interface DerivativesConformanceOptions {
  /** The bound for all stored bytes, with the overhead of each entry. */
  readonly maxBytes: number;
  /** How many bytes of a draft may be held in memory. An implementation in memory need not store a larger derivative. */
  readonly memoryBytes: number;
}

export interface DerivativesUnderTest {
  readonly derivatives: Derivatives;
  /** The same derivatives in another process; the same object for an implementation that has only one process. */
  readonly elsewhere: Derivatives;
  /** Evicts the oldest derivatives until the others fit, for an implementation that evicts at sweeps. */
  readonly sweep?: () => Promise<void>;
}

/** Defines a test that gets its own derivatives. */
export type DerivativesCheck = (
  title: string,
  body: (underTest: DerivativesUnderTest) => Promise<void>,
  options?: Partial<DerivativesConformanceOptions>,
) => void;

/** Bytes without repetition, the same for the same seed. */
export function patterned(bytes: number, seed = 1): Buffer {
  const content = Buffer.alloc(bytes);
  let state = seed * 2_654_435_761;
  for (let at = 0; at < bytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    content[at] = state >>> 24;
  }
  return content;
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url');
}

/** Stores `content` and returns its name; `undefined` when it was not stored. */
export async function storeBytes(
  derivatives: Derivatives,
  content: Buffer,
  head: CachedHead = {},
): Promise<string | undefined> {
  const draft = derivatives.create();
  await writeAll(draft, content);
  return draft.store(head);
}

/** Stores `content` and returns its name. Fails when it was not stored. */
export async function storeNamed(derivatives: Derivatives, content: Buffer, head?: CachedHead): Promise<string> {
  const name = await storeBytes(derivatives, content, head);
  assert.ok(name, `${content.length} bytes were not stored`);
  return name;
}

export async function writeAll(draft: Draft, content: Buffer, pieceBytes = 10_000): Promise<void> {
  for (let start = 0; start < content.length; start += pieceBytes) {
    await draft.write(content.subarray(start, start + pieceBytes));
  }
  draft.end();
}

/** Opens a derivative. Fails when it is absent. */
export async function openStored(derivatives: Derivatives, name: string): Promise<CachedBytes> {
  const found = await derivatives.open(name);
  assert.ok(found, `no derivative is stored under ${name}`);
  return found;
}

export async function isThere(derivatives: Derivatives, name: string): Promise<boolean> {
  const found = await derivatives.open(name);
  found?.release();
  return found !== undefined;
}

export async function contentOf(stream: Readable | undefined): Promise<Buffer> {
  assert.ok(stream, 'read() returned no stream');
  return Buffer.concat(await stream.toArray());
}
