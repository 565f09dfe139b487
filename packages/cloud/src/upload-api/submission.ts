import type { ReceivedBytes } from '@safelight/core';

/**
 * The parameters of a call, in the form that its signature covers: `name[]` has its bare name, with its values joined
 * by commas. It is a map, so that `__proto__` is an ordinary name.
 */
export type Fields = ReadonlyMap<string, string>;

/** Parameters that remember the items of their lists: an item may contain a comma. */
export class ListFields extends Map<string, string> {
  readonly lists: Map<string, readonly string[]> = new Map();
}

/** The items of a list. A list that was sent as one text has commas between its items. */
export function itemsOf(fields: Fields, name: string): readonly string[] | undefined {
  const items = fields instanceof ListFields ? fields.lists.get(name) : undefined;
  return items ?? fields.get(name)?.split(',');
}

/** The body of a call. */
export interface Submission {
  readonly fields: Fields;
  readonly file: ReceivedFile | undefined;
  /** The `file` of the call, when it is the URL of a remote file. */
  readonly url?: string | undefined;
}

/** A file that was received: its bytes are durable, but it is not published yet. */
export interface ReceivedFile {
  readonly received: ReceivedBytes;
  /** The name that the sender gave, without folders. */
  readonly filename: string | undefined;
  /** The media type that the sender declared, in lower case. */
  readonly mediaType: string | undefined;
}

/** A file that is being received. */
export interface FileSource {
  readonly source: AsyncIterable<Uint8Array>;
  readonly filename: string | undefined;
  /** The media type that the sender declared, in lower case. */
  readonly mediaType: string | undefined;
  /** The parameters that came before the file. When none follow, the call has this same object. */
  readonly fields: Fields;
}

/**
 * Makes the bytes of a file durable.
 *
 * @throws {ApiError} when the file is too large; its bytes are removed then
 */
export type ReceiveFile = (file: FileSource) => Promise<ReceivedFile>;
