import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { AssetId, Originals } from '@safelight/core';

/** The bytes (MD5) with which each version was ever seen. */
export class VersionHistory {
  readonly #etags: Map<number, string> = new Map();

  get highest(): number {
    return Math.max(0, ...this.#etags.keys());
  }

  get size(): number {
    return this.#etags.size;
  }

  /** Records a published number, which must be new. */
  published(version: number, etag: string): void {
    assert.ok(!this.#etags.has(version), `version ${version} was given twice`);
    this.#etags.set(version, etag);
  }

  /** Checks that a found version is complete, and has the same bytes as before. */
  async check(originals: Originals, asset: AssetId, version?: number): Promise<number | undefined> {
    const original = await originals.find(asset, version);
    if (original === undefined) return undefined;
    const content = await original.bytesOf();
    assert.equal(createHash('md5').update(content).digest('hex'), original.etag);
    assert.equal(content.length, original.bytes);
    assert.equal(this.#etags.get(original.version) ?? original.etag, original.etag);
    this.#etags.set(original.version, original.etag);
    return original.version;
  }
}
