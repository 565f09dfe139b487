import type { Readable } from 'node:stream';

/** Header fields to send, in any spelling of their names. */
export type HeaderFields = Readonly<Record<string, string | number | readonly string[]>>;

/** The validators of a response, to compare with those of a request. */
export interface Validators {
  /** As in the header. A weak tag never matches `If-Match` or `If-Range`. */
  readonly etag: string | undefined;
  /** Epoch milliseconds. The header has it rounded down to a second. */
  readonly lastModifiedAt: number | undefined;
}

/** A complete response, from which preconditions and range requests can be served. */
export interface Representation extends Validators {
  /** Preconditions are evaluated only for a 2xx, ranges only for a 200. */
  readonly status: number;
  /** Headers of the whole response, with its validators. A missing `Content-Length` or `Accept-Ranges` is added. */
  readonly headers: HeaderFields;
  /** Whether `headers` has `Content-Length` and `Accept-Ranges`, so that this is not checked. @default false */
  readonly hasAllHeaders?: boolean;
  /** The length of the whole body. */
  readonly bytes: number;
  /** The whole body, when it is in memory. */
  readonly body: Buffer | undefined;
  /** Streams the bytes from `start` (default 0) to before `end` (default: all). */
  read(start?: number, end?: number): Readable;
  /** Is called exactly once, also after an error. `read` is not called after it. */
  release(): void;
}
