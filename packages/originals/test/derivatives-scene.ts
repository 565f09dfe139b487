import assert from 'node:assert/strict';
import type { CachedBytes, Derivatives } from '@safelight/core';
import { type FileDerivativesOptions, fileDerivatives } from '@safelight/originals';
import { seededBytes } from './seeded-bytes.ts';
import { directoryInMemory } from './temporary-directory.ts';

export const minuteMs: number = 60_000;
/** Is held in memory. */
export const small: Buffer = seededBytes(1, 1000);
/** Is too large for the memory. */
export const large: Buffer = seededBytes(2, 200_000);

export interface Scene {
  readonly directory: string;
  readonly derivatives: Derivatives;
  /** The same directory in another process, or after a restart. */
  readonly restarted: (options?: Partial<FileDerivativesOptions>) => Derivatives;
  readonly time: { nowMs: number };
  readonly errors: unknown[];
}

export async function scene(options: Partial<FileDerivativesOptions> = {}): Promise<Scene> {
  const directory = await directoryInMemory();
  // Differs from the time of the disk, so that a test sees which of them is written.
  const time = { nowMs: Date.now() - 10 * minuteMs };
  const errors: unknown[] = [];
  const restarted: Scene['restarted'] = (more) =>
    fileDerivatives({
      directory,
      maxHotEntryBytes: 65_536,
      clock: () => time.nowMs,
      onError: (error) => errors.push(error),
      ...options,
      ...more,
    });
  return { directory, derivatives: restarted(), restarted, time, errors };
}

export async function store(derivatives: Derivatives, content: Buffer, head = {}): Promise<string> {
  const draft = derivatives.create();
  await draft.write(content);
  draft.end();
  const name = await draft.store(head);
  assert.ok(name, 'it was not stored');
  return name;
}

export async function contentOf(found: CachedBytes | undefined): Promise<Buffer | undefined> {
  const chunks = await found?.read().toArray();
  found?.release();
  return chunks && Buffer.concat(chunks);
}

export async function isThere(derivatives: Derivatives, name: string): Promise<boolean> {
  const found = await derivatives.open(name);
  found?.release();
  return found !== undefined;
}

/** Waits for a condition. Writes in the background have no promise to wait for. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}
