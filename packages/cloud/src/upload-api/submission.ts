import type { ReceivedBytes } from '@safelight/core';
import type { Fields } from './fields.ts';

/** A file that has arrived: durable, not visible yet. */
export interface ReceivedFile {
  readonly received: ReceivedBytes;
  /** The uploader's name for it, without folders. */
  readonly filename: string | undefined;
  /** As the uploader declared it, lower case. */
  readonly mediaType: string | undefined;
}

/** What a call brought along. */
export interface Submission {
  readonly fields: Fields;
  readonly file: ReceivedFile | undefined;
}

export interface FileSource {
  readonly source: AsyncIterable<Uint8Array>;
  readonly filename: string | undefined;
  readonly mediaType: string | undefined;
  /** The parameters that came before it. */
  readonly fields: Fields;
}

/** How bodies are read. */
export interface BodyLimits {
  /** Characters of a body that is held in memory, and of the text parameters of a form (data URIs included). */
  readonly maxTextLength: number;
}

/**
 * Makes a file's bytes durable.
 *
 * @throws {ApiError} 413 when they are too many; nothing stays behind
 */
export type ReceiveFile = (file: FileSource, signal: AbortSignal) => Promise<ReceivedFile>;
