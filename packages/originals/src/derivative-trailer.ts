import { createHash } from 'node:crypto';
import type { CachedHead } from '@safelight/core';

/** The metadata of a derivative. It follows the bytes in the same file, so that both appear by one rename. */
export interface DerivativeMetadata {
  /** The name of the derivative, so that a file that was copied to another name is noticed. */
  readonly name: string;
  /** The length of the bytes. */
  readonly bytes: number;
  /** SHA-256 of the bytes, base64url. */
  readonly digest: string;
  readonly head: CachedHead;
}

/**
 * The last character is the number of the format. Increase it with each change of the metadata or of its place. The footer
 * is the same in all formats: this is how a release distinguishes a file of another format from a damaged one.
 */
const magic = Buffer.from('SLderiv2', 'latin1');
const anyMagic = magic.subarray(0, -1);
const checksumBytes = 32;
const footerBytes = magic.length + 4 + checksumBytes;
const maxMetadataBytes = 65_536;

/** The end of a file with this length always has all metadata. */
export const maxTrailerBytes: number = maxMetadataBytes + footerBytes;

/**
 * The metadata as JSON, then a footer of 44 bytes: magic, length of the JSON (32 bits, big-endian), SHA-256 of the JSON.
 * @throws {RangeError} when the JSON is larger than 64 KiB
 */
export function formatTrailer(metadata: DerivativeMetadata): Buffer {
  const json = Buffer.from(JSON.stringify(metadata));
  if (json.length > maxMetadataBytes) {
    throw new RangeError(
      `The head of a derivative takes ${json.length} bytes as JSON, which is more than ${maxMetadataBytes}, so it is not cached. Pass a smaller head to store().`,
    );
  }
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, magic, length, checksumOf(json)]);
}

/**
 * Reads the metadata at the end of a file of `fileBytes` bytes. `'otherFormat'`: another release has written the file.
 * `undefined`: the file is damaged, or belongs to another name.
 */
export function parseTrailer(
  end: Buffer,
  { name, fileBytes }: { readonly name: string; readonly fileBytes: number },
): DerivativeMetadata | 'otherFormat' | undefined {
  const footerAt = end.length - footerBytes;
  if (footerAt < 0) return undefined;
  const found = end.subarray(footerAt, footerAt + magic.length);
  if (!found.equals(magic)) return found.subarray(0, -1).equals(anyMagic) ? 'otherFormat' : undefined;
  const jsonBytes = end.readUInt32BE(footerAt + magic.length);
  if (jsonBytes > footerAt) return undefined;
  const json = end.subarray(footerAt - jsonBytes, footerAt);
  if (!checksumOf(json).equals(end.subarray(-checksumBytes))) return undefined;
  // The checksum proves that the JSON is as we wrote it.
  const metadata = JSON.parse(json.toString('utf8')) as DerivativeMetadata;
  return metadata.name === name && metadata.bytes + jsonBytes + footerBytes === fileBytes ? metadata : undefined;
}

function checksumOf(json: Buffer): Buffer {
  return createHash('sha256').update(json).digest();
}
