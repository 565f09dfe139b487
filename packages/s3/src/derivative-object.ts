import { randomBytes } from 'node:crypto';
import type { CachedHead } from '@safelight/core';
import type { Metadata } from './put-file.ts';

/** What is stored of a derivative besides its bytes. */
export interface DerivativeHead {
  /** So that an object that was copied to another key is noticed. */
  readonly name: string;
  /** The length of the bytes. */
  readonly bytes: number;
  /** SHA-256 of the bytes, base64url. */
  readonly digest: string;
  readonly head: CachedHead;
}

/** An object of a derivative: the metadata, and what is in front of the bytes in its body. */
export interface DerivativeObject {
  readonly metadata: Metadata;
  readonly frame: Buffer;
}

/** The number of the format. Increase it with each change. Objects of another format count as absent. */
const format = 1;
/** Swift takes 256 bytes in one value, B2 takes ten values, and S3 takes 2048 bytes together, with the names. */
const valueBytes = 240;
const maxMetadataBytes = 7 * valueBytes;
/** The longest head, as JSON. */
export const maxFrameBytes = 65_536;
/** What an object counts besides its body, so that the number of objects is bounded too. */
export const objectBytes = 1024;

const namePattern = /^(\d{4})(\d\d)(\d\d)([0-9a-f]{24})$/;

/** A new name: the day, the time of the day and random digits. So the order of the names is that of their age. */
export function newName(nowMs: number): string {
  const [day = '', time = ''] = new Date(nowMs).toISOString().split('T');
  const msOfDay = Date.parse(`1970-01-01T${time}`);
  return day.replaceAll('-', '') + msOfDay.toString(16).padStart(8, '0') + randomBytes(8).toString('hex');
}

/** The key of a derivative; `undefined` when this is not a name. */
export function derivativeKey(name: unknown): string | undefined {
  const [, year, month, day, rest] = (typeof name === 'string' && namePattern.exec(name)) || [];
  return year === undefined ? undefined : `d/${year}-${month}-${day}/${rest}`;
}

/**
 * Metadata has the head if it fits. A longer head is framed in front of the bytes, and so is that of an empty derivative: a range
 * of an empty object is an error.
 * @throws {RangeError} when the head is larger than 64 KiB as JSON
 */
export function formatDerivative(derivative: DerivativeHead): DerivativeObject {
  const whole = encode({ format, ...derivative });
  if (whole.length <= maxMetadataBytes && derivative.bytes > 0)
    return { metadata: inValues(whole), frame: Buffer.alloc(0) };
  const { head, ...rest } = derivative;
  const frame = Buffer.from(JSON.stringify(head));
  if (frame.length > maxFrameBytes) {
    throw new RangeError(
      `The head of a derivative takes ${frame.length} bytes as JSON, which is more than ${maxFrameBytes}, so it is not cached. Pass a smaller head to store().`,
    );
  }
  return { metadata: inValues(encode({ format, ...rest, frameBytes: frame.length })), frame };
}

/**
 * Reads metadata and the begin of a body, which has at least the frame.
 * @returns the head, and where the bytes begin; `undefined` when the object is damaged, or has another name or format
 */
export function parseDerivative(
  { metadata, body, totalBytes }: { readonly metadata: Metadata; readonly body: Buffer; readonly totalBytes: number },
  name: string,
): (DerivativeHead & { readonly startsAt: number }) | undefined {
  const known = decode(fromValues(metadata));
  if (known?.format !== format || known.name !== name) return undefined;
  const { bytes = -1, digest = '', frameBytes: startsAt = 0 } = known;
  if (startsAt + bytes !== totalBytes || startsAt > body.length) return undefined;
  const head = known.head ?? (parseJson(body.subarray(0, startsAt).toString('utf8')) as CachedHead | undefined);
  return head && { name, bytes, digest, head, startsAt };
}

interface StoredHead extends Partial<DerivativeHead> {
  readonly format?: number;
  readonly frameBytes?: number;
}

function inValues(text: string): Metadata {
  const count = Math.ceil(text.length / valueBytes);
  const values = Array.from({ length: count }, (_, index) => text.slice(index * valueBytes, (index + 1) * valueBytes));
  return Object.fromEntries(values.map((value, index) => [`safelight-${index}`, value]));
}

function fromValues(metadata: Metadata): string {
  let text = '';
  for (let index = 0; ; index += 1) {
    const value = metadata[`safelight-${index}`];
    if (value === undefined) return text;
    text += value;
  }
}

/** Metadata must be ASCII. */
function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): StoredHead | undefined {
  return parseJson(Buffer.from(text, 'base64url').toString('utf8')) as StoredHead | undefined;
}

function parseJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
