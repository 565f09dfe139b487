import type { Readable } from 'node:stream';

/** What is kept beside the bytes: small, and survives `JSON.parse(JSON.stringify(head))`. */
export type KeptHead = Readonly<Record<string, unknown>>;

/** Bytes that are kept: complete, and the ones that were put away. */
export interface KeptBytes {
  readonly head: KeptHead;
  /** Their length. */
  readonly bytes: number;
  /** SHA-256 of them, base64url (43 characters). */
  readonly digest: string;
  /** All of them, when they lie in memory. */
  readonly body: Buffer | undefined;
  /**
   * The bytes from `start` (0) to before `end` (all). That they are evicted or removed meanwhile does not disturb a
   * reader who has opened them.
   */
  read(start?: number, end?: number): Readable;
  /**
   * To be called once by whoever opened them, when no further `read` will follow; streams that were given out go on.
   * Does nothing for bytes in memory.
   */
  release(): void;
}

/**
 * Bytes that are being put away, and can be read while they come. Whoever creates a draft has to see to it that it comes
 * to `fail`, to `discard`, or to `end` and `keep`, and that readers which nobody consumes are destroyed: a large draft has
 * a file open until then.
 */
export interface Draft {
  /**
   * Takes a piece, which must not be changed afterwards. After `end` or `fail` it takes nothing, silently.
   * @returns a promise when whoever writes should wait for it before the next piece; it never rejects
   */
  write(piece: Uint8Array): Promise<void> | undefined;
  /** All bytes have come: readers end well. Does nothing after `fail`. */
  end(): void;
  /** No more will come: readers break off with this error, and nothing is kept. Does nothing after `end`. */
  fail(error: Error): void;
  /**
   * A reader of everything from the first byte on, as it comes. Readers may be slow or leave; neither disturbs the others.
   * Take it before the first `write` wherever possible: where little is held, what nobody reads is let go.
   * @returns `undefined` when it is too late: too much has gone by to be held for somebody new, or it has failed. After
   *   `keep` or `discard` only what is small can be read like this; open what is kept under its name
   */
  read(): Readable | undefined;
  /**
   * After `end`: keeps bytes and head under a name of their own, atomically, and evicts what was not used for the longest
   * time until all fits. Readers are not disturbed.
   * @returns the name, to whoever asks again as well; `undefined` when they are not kept: too large, disk full, not ended,
   *   discarded. Never rejects
   */
  keep(head: KeptHead): Promise<string | undefined>;
  /** They are not to be kept. Readers that are under way go on. Does nothing after `keep` or `fail`. */
  discard(): void;
}

/** Where derivatives are kept, bounded in bytes. What is not there (any more) costs a run, nothing else. */
export interface Derivatives {
  /**
   * Opens what is kept under a name, which counts as a use; `undefined` when it is not there or damaged. At once, without
   * a promise, for what lies in memory. Never rejects.
   */
  open(name: string): KeptBytes | undefined | Promise<KeptBytes | undefined>;
  create(): Draft;
  /** Lets go of what is known to be of no use any more. Never rejects. */
  remove(name: string): Promise<void>;
}
