import type { Fields } from '../submission.ts';

/** Reads the body of a call in its order, whatever its media type is. */
export interface BodyReader {
  /**
   * Reads up to the next `file`. The rest of the file before is skipped.
   *
   * @returns `undefined` at the end of the body
   * @throws {ApiError} 400 when the body is malformed or its parameters exceed a limit
   */
  nextFile(): Promise<BodyFile | undefined>;
  /**
   * The parameters that were read so far, without `file`. The same object is returned while no more follow.
   *
   * @throws {ApiError} 400 when a name or a value cannot be accepted
   */
  fields(): Fields;
}

/** A parameter `file`. */
export interface BodyFile {
  /** Whether it is a text, such as a data URI. Otherwise the content is the bytes of the file. */
  readonly isText: boolean;
  readonly filename: string | undefined;
  /** The media type that the sender declared, in lower case. */
  readonly mediaType: string | undefined;
  /** Can be read once. It throws what `nextFile` throws. */
  readonly content: AsyncIterable<Uint8Array>;
}
