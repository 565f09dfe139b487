import type { Readable } from 'node:stream';

export type HeaderFields = Readonly<Record<string, string | number | readonly string[]>>;

/** What validators an answer has, to compare with those that a request brings. */
export interface Validators {
  /** As in the header; may be weak, which then matches no `If-Match` and no `If-Range`. */
  readonly etag: string | undefined;
  /** Epoch ms; clients were told the second it lies in. */
  readonly lastModifiedAt: number | undefined;
}

/** A complete answer, which can be compared and cut. */
export interface Representation extends Validators {
  /** Only of a 2xx are preconditions looked at, only a 200 is cut. */
  readonly status: number;
  /**
   * Those of the whole answer, its validators among them. `Content-Length` and `Accept-Ranges` may be missing, which
   * costs a copy.
   */
  readonly headers: HeaderFields;
  /** Whether nothing is missing there. @default false */
  readonly hasAllHeaders?: boolean;
  /** Length of the whole. */
  readonly bytes: number;
  /** All of it, when it lies in memory. */
  readonly body: Buffer | undefined;
  /** The bytes from `start` (0) to before `end` (all). */
  read(start?: number, end?: number): Readable;
  /** Is called exactly once, whatever happens, and no `read` after it. */
  release(): void;
}
