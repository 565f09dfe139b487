import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isFieldValues, type SharedValues } from '@safelight/core';
import { LRUCache } from 'lru-cache';
import { type CapturedError, digestOf, maxBodyBytes, notRepeated } from './error-capture.ts';

/** The captured errors of all processes. */
export interface SharedErrors {
  /**
   * @param id - of the failure that is held
   * @param windowMs - how long it is held, in milliseconds
   */
  put(id: string, error: CapturedError, windowMs: number): Promise<void>;
  /** Never rejects; `undefined` when no process has captured the error, or when it is no longer in the store. */
  find(id: string): Promise<CapturedError | undefined>;
}

/**
 * Each body has a slot that its digest decides, and a new body replaces the one in its slot. So the number of slots bounds
 * the bytes of all processes together, 1 MiB, and no process has to know what the others have written.
 */
const slots: readonly { readonly maxBytes: number; readonly count: number }[] = [
  { maxBytes: 2048, count: 128 },
  { maxBytes: 8192, count: 32 },
  { maxBytes: maxBodyBytes, count: 8 },
];
const bodyTtlMs = 24 * 60 * 60 * 1000;
/** How long a process believes that a body which it has written was not replaced. */
const writtenMs = 60_000;
/** A head with more characters as JSON is not shared, nor one for such long values: each client chooses its own. */
const maxHeadLength = 2048;
const maxNegotiatedLength = 300;
/** How long a process does not ask again for an error that was not found. The error may still be on its way. */
const absentMs = 2000;
const maxRemembered = 1000;

/** An error without its body, as it is stored. */
interface Head extends Omit<CapturedError, 'body'> {
  readonly bytes: number;
}

export function createSharedErrors(shared: SharedValues, clock: () => number): SharedErrors {
  const writtenUntil = new LRUCache<string, number>({ max: maxRemembered });
  const absentUntil = new LRUCache<string, number>({ max: maxRemembered });
  const reading = new Map<string, Promise<CapturedError | undefined>>();

  async function read(id: string): Promise<CapturedError | undefined> {
    const [stored] = await shared.read([headName(id)]);
    const head = readHead(stored);
    if (head === undefined) return undefined;
    const [storedBody] = await shared.read([bodyName(head)]);
    const body = readBody(storedBody, head);
    const { status, headers, negotiated, digest } = head;
    return body && { status, headers, negotiated, digest, body };
  }

  return {
    async put(id, { body, ...head }, windowMs) {
      const stored: Head = { ...head, bytes: body.length };
      if (JSON.stringify(stored).length > maxHeadLength) return;
      if (JSON.stringify(head.negotiated).length > maxNegotiatedLength) return;
      if ((writtenUntil.get(stored.digest) ?? 0) <= clock()) {
        const isWritten = await shared.write(bodyName(stored), { base64: body.toString('base64') }, bodyTtlMs);
        if (!isWritten) return;
        writtenUntil.set(stored.digest, clock() + writtenMs);
      }
      await shared.write(headName(id), stored, Math.max(windowMs, 1));
    },

    find(id) {
      const known = reading.get(id);
      if (known !== undefined) return known;
      if ((absentUntil.get(id) ?? 0) > clock()) return Promise.resolve(undefined);
      const found = read(id).then((error) => {
        reading.delete(id);
        if (error === undefined) absentUntil.set(id, clock() + absentMs);
        return error;
      });
      reading.set(id, found);
      return found;
    },
  };
}

function headName(id: string): string {
  return `h:${digestOf(id)}`;
}

/** The name of a body's slot. */
function bodyName({ bytes, digest }: Pick<Head, 'bytes' | 'digest'>): string {
  const size = slots.findIndex(({ maxBytes }) => bytes <= maxBytes);
  const { count } = slots[size] as (typeof slots)[number];
  return `b:${size}:${Buffer.from(digest, 'base64url').readUInt32BE() % count}`;
}

/** The body, if its slot does not have another one. */
function readBody(stored: unknown, { digest }: Head): Buffer | undefined {
  const { base64 } = (stored ?? {}) as { readonly base64?: unknown };
  if (typeof base64 !== 'string') return undefined;
  const body = Buffer.from(base64, 'base64');
  return digestOf(body) === digest ? body : undefined;
}

/** A damaged head counts as absent: its fields become fields of a response. */
function readHead(stored: unknown): Head | undefined {
  const { status, headers, negotiated, bytes, digest } = (stored ?? {}) as Partial<Record<keyof Head, unknown>>;
  const isWhole =
    Number.isInteger(status) &&
    (status as number) >= 400 &&
    (status as number) <= 599 &&
    Number.isInteger(bytes) &&
    (bytes as number) >= 0 &&
    (bytes as number) <= maxBodyBytes &&
    typeof digest === 'string' &&
    /^[\w-]{43}$/.test(digest) &&
    areFields(headers) &&
    isFieldValues(negotiated);
  return isWhole ? (stored as Head) : undefined;
}

function areFields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    for (const [name, field] of Object.entries(value)) {
      if (notRepeated.has(name.toLowerCase()) || name.toLowerCase() === 'set-cookie') return false;
      validateHeaderName(name);
      for (const one of [field].flat()) {
        if (typeof one !== 'string') return false;
        validateHeaderValue(name, one);
      }
    }
    return true;
  } catch {
    return false;
  }
}
