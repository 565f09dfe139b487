import { createHash } from 'node:crypto';
import type { CachedHead } from '@safelight/core';

/** What is known of a derivative's bytes, written behind them so that both appear by one rename. */
export interface DerivativeFacts {
  /** Its own name: a file that was copied to another one is not taken for that. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, base64url. */
  readonly digest: string;
  readonly head: CachedHead;
}

/**
 * The last character is the number of the format, which every change of the facts or of their place increases. The footer
 * itself stays as it is in all formats: only then can a release tell a file of another format from a damaged one.
 */
const magic = Buffer.from('SLderiv2', 'latin1');
const anyMagic = magic.subarray(0, -1);
const checksumBytes = 32;
const footerBytes = magic.length + 4 + checksumBytes;
const maxFactsBytes = 65_536;

/** How much of a file's end holds all facts for certain. */
export const maxTrailerBytes: number = maxFactsBytes + footerBytes;

/**
 * The facts as JSON, then a footer of 44 bytes: magic, length of the JSON (32 bits, big-endian), SHA-256 of the JSON.
 * @throws {RangeError} when the head is larger than a head may be
 */
export function formatTrailer(facts: DerivativeFacts): Buffer {
  const json = Buffer.from(JSON.stringify(facts));
  if (json.length > maxFactsBytes) {
    throw new RangeError(
      `The head of a derivative takes ${json.length} bytes as JSON, which is more than ${maxFactsBytes}: it is not kept. Keep less beside its bytes.`,
    );
  }
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, magic, length, checksumOf(json)]);
}

/**
 * The facts at the end of a file of `fileBytes`; `'otherFormat'` when another release has written it; `undefined` when it
 * is damaged, or the file of another name.
 */
export function parseTrailer(
  end: Buffer,
  { name, fileBytes }: { readonly name: string; readonly fileBytes: number },
): DerivativeFacts | 'otherFormat' | undefined {
  const footerAt = end.length - footerBytes;
  if (footerAt < 0) return undefined;
  const found = end.subarray(footerAt, footerAt + magic.length);
  if (!found.equals(magic)) return found.subarray(0, -1).equals(anyMagic) ? 'otherFormat' : undefined;
  const jsonBytes = end.readUInt32BE(footerAt + magic.length);
  if (jsonBytes > footerAt) return undefined;
  const json = end.subarray(footerAt - jsonBytes, footerAt);
  if (!checksumOf(json).equals(end.subarray(-checksumBytes))) return undefined;
  // The checksum says that it is as we wrote it.
  const facts = JSON.parse(json.toString('utf8')) as DerivativeFacts;
  return facts.name === name && facts.bytes + jsonBytes + footerBytes === fileBytes ? facts : undefined;
}

function checksumOf(json: Buffer): Buffer {
  return createHash('sha256').update(json).digest();
}
