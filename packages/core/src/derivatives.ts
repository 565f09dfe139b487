import type { Readable } from 'node:stream';

/** What is kept beside the bytes: small, and survives `JSON.parse(JSON.stringify(head))`. */
export type CachedHead = Readonly<Record<string, unknown>>;

/** Bytes that are kept: complete, and exactly those that were written. */
export interface CachedBytes {
  readonly head: CachedHead;
  /** Their length. */
  readonly bytes: number;
  /** SHA-256 of them, base64url (43 characters). */
  readonly digest: string;
  /** All of them, when they lie in memory. */
  readonly body: Buffer | undefined;
  /**
   * The bytes from `start` (default 0) to before `end` (default: all). Eviction or removal does not disturb a reader
   * that has opened them.
   */
  read(start?: number, end?: number): Readable;
  /**
   * The caller of `open` must call this once, when it will not call `read` again. Streams that `read` has returned go
   * on. Does nothing for bytes in memory.
   */
  release(): void;
}

/**
 * Bytes that are being written, and can be read at the same time. The caller that creates a draft must call `fail`, or
 * `discard`, or `end` and then `cache`, and must destroy readers that are not consumed: a large draft has a file open
 * until then.
 */
export interface Draft {
  /**
   * Takes a piece, which must not be changed afterwards. After `end` or `fail` it takes nothing, silently.
   * @returns a promise when the caller should wait before it writes the next piece; it never rejects
   */
  write(piece: Uint8Array): Promise<void> | undefined;
  /** All bytes have been written: readers end normally. Does nothing after `fail`. */
  end(): void;
  /** No more bytes follow: readers fail with this error, and nothing is kept. Does nothing after `end`. */
  fail(error: Error): void;
  /**
   * A reader that gets all bytes from the first one on, as they are written. A slow reader, or one that is destroyed,
   * does not disturb the others. Call this before the first `write` if possible: bytes without a reader may be dropped.
   * @returns `undefined` when it is too late: the first bytes are dropped already, or the draft has failed. After
   *   `cache` or `discard` only a small draft can be read like this; open kept bytes by their name
   */
  read(): Readable | undefined;
  /**
   * After `end`: keeps bytes and head under a new name, atomically, and evicts the least recently used derivatives
   * until all fits. Readers are not disturbed.
   * @returns the name, the same at each call; `undefined` when the bytes are not kept: too large, disk full, not ended,
   *   discarded. Never rejects
   */
  store(head: CachedHead): Promise<string | undefined>;
  /** The bytes will not be kept. Readers that have begun go on. Does nothing after `cache` or `fail`. */
  discard(): void;
}

/**
 * Where derivatives are kept, bounded in bytes. A derivative that is absent or was evicted costs one more run, nothing
 * else.
 */
export interface Derivatives {
  /**
   * Opens the bytes that are kept under a name, which counts as a use; `undefined` when they are absent or damaged.
   * Bytes in memory are returned without a promise. Never rejects.
   */
  open(name: string): CachedBytes | undefined | Promise<CachedBytes | undefined>;
  create(): Draft;
  /** Removes bytes that will not be used any more. Never rejects. */
  remove(name: string): Promise<void>;
}
