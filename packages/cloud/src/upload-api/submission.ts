import type { ReceivedBytes } from '@safelight/core';

/**
 * A call's parameters as they count for its signature: `name[]` stands under its bare name, its values joined by commas.
 * A map, so that a parameter called `__proto__` is a parameter like any other.
 */
export type Fields = ReadonlyMap<string, string>;

/** What the body of a call holds. */
export interface Submission {
  readonly fields: Fields;
  readonly file: ReceivedFile | undefined;
}

/** A file that has arrived: durable, not visible yet. */
export interface ReceivedFile {
  readonly received: ReceivedBytes;
  /** The uploader's name for it, without folders. */
  readonly filename: string | undefined;
  /** As the uploader declared it, lower case. */
  readonly mediaType: string | undefined;
}

/** A file whose bytes are arriving. */
export interface FileSource {
  readonly source: AsyncIterable<Uint8Array>;
  readonly filename: string | undefined;
  /** As the sender declared it, lower case. */
  readonly mediaType: string | undefined;
  /** The parameters that came before it. When none follow, the call has this same object. */
  readonly fields: Fields;
}

/**
 * Makes a file's bytes durable.
 *
 * @throws {ApiError} when they are too many; nothing is left of them then
 */
export type ReceiveFile = (file: FileSource, signal: AbortSignal) => Promise<ReceivedFile>;
