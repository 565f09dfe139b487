import type { Readable } from 'node:stream';

/** Small metadata that is stored with the bytes. The head must survive `JSON.parse(JSON.stringify(head))`. */
export type CachedHead = Readonly<Record<string, unknown>>;

/** The bytes of one cached derivative: complete, and exactly the bytes that were written. */
export interface CachedBytes {
  readonly head: CachedHead;
  /** Length of the bytes. */
  readonly bytes: number;
  /** SHA-256 of the bytes, base64url (43 characters). */
  readonly digest: string;
  /** All bytes, if they are in memory; otherwise `undefined`. */
  readonly body: Buffer | undefined;
  /**
   * Reads the bytes from `start` (default: 0) up to but not including `end` (default: the length). Works also after the
   * derivative was evicted or removed, because the caller has opened the derivative before.
   */
  read(start?: number, end?: number): Readable;
  /**
   * Closes what `open` has opened. The caller of `open` must call `release` once, after the last call of `read`.
   * Streams that `read` has returned continue. Does nothing for bytes in memory.
   */
  release(): void;
}

/**
 * Bytes that are being written and can be read at the same time.
 *
 * A large draft holds an open file. So the caller of `create` must finish the draft: by `fail`, by `discard`, or by
 * `end` and then `store`. The caller must also destroy each reader that is not read to the end.
 */
export interface Draft {
  /**
   * Appends a piece. The caller must not change the bytes of the piece afterwards. Does nothing after `end` or `fail`.
   * @returns a promise if the caller should wait before it writes the next piece; the promise never rejects
   */
  write(piece: Uint8Array): Promise<void> | undefined;
  /** Says that all bytes were written: readers end normally. Does nothing after `fail`. */
  end(): void;
  /** Says that the bytes are incomplete: readers fail with this error, nothing is stored. Does nothing after `end`. */
  fail(error: Error): void;
  /**
   * Creates a reader that gets all bytes from the first byte on, as the bytes are written. A slow or destroyed reader
   * does not disturb the others. Call this before the first `write` if possible: bytes may be dropped while there is no
   * reader.
   * @returns `undefined` when it is too late: the first bytes were dropped, or the draft has failed. After `store` or
   *   `discard` only a small draft can be read by this method; use `Derivatives.open` for stored bytes
   */
  read(): Readable | undefined;
  /**
   * Stores the bytes and the head under a new name, atomically. Evicts the least recently used derivatives until all
   * derivatives fit; storage that several machines share may evict the oldest ones instead, and later. Call this after `end`. Readers are not disturbed.
   * @returns the name, the same at each call; `undefined` when the bytes were not stored, because they are too large,
   *   the disk is full, or the draft has not ended or was discarded. Never rejects
   */
  store(head: CachedHead): Promise<string | undefined>;
  /** Says that the bytes will not be stored. Existing readers continue. Does nothing after `store` or `fail`. */
  discard(): void;
}

/**
 * A cache for the bytes of derivatives, with a limited total size. The absence of a derivative costs one more run, and
 * has no other effect.
 */
export interface Derivatives {
  /**
   * The random ID of the place where the bytes are, such as one folder or the memory of one process. Two objects with the
   * same ID open the same names. Processes with one store and several places record their derivatives side by side, so
   * that none removes those of another. It must always be the same text.
   * @default all processes that share a store also share this cache
   */
  readonly place?: string;
  /**
   * Opens the bytes that are stored under a name. This counts as a use. Bytes in memory are returned without a promise.
   * @returns `undefined` when the bytes are absent or damaged. Never rejects
   */
  open(name: string): CachedBytes | undefined | Promise<CachedBytes | undefined>;
  /** Creates an empty draft. */
  create(): Draft;
  /** Removes bytes that will not be used any more. Never rejects. */
  remove(name: string): Promise<void>;
}
