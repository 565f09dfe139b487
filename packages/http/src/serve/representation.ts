import type { Readable } from 'node:stream';

export type HeaderFields = Readonly<Record<string, string | number | readonly string[]>>;

/** The validators of a response, to compare with those in a request. */
export interface Validators {
  /** As in the header; may be weak, which then matches no `If-Match` and no `If-Range`. */
  readonly etag: string | undefined;
  /** Epoch milliseconds; on the wire it is rounded down to a second. */
  readonly lastModifiedAt: number | undefined;
}

/** A complete response: preconditions can be evaluated on it, and ranges cut from it. */
export interface Representation extends Validators {
  /** Preconditions are evaluated only for a 2xx, ranges only for a 200. */
  readonly status: number;
  /**
   * Headers of the whole response, with its validators. When `Content-Length` or `Accept-Ranges` is missing, the
   * headers are copied to add it.
   */
  readonly headers: HeaderFields;
  /** Whether `headers` is complete, so that it need not be checked. @default false */
  readonly hasAllHeaders?: boolean;
  /** Length of the whole body. */
  readonly bytes: number;
  /** The whole body, when it is in memory. */
  readonly body: Buffer | undefined;
  /** The bytes from `start` (0) to before `end` (all). */
  read(start?: number, end?: number): Readable;
  /** Is called exactly once, also after an error; `read` is not called after it. */
  release(): void;
}
