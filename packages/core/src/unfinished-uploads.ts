import type { ResourceType } from '@safelight/protocol';
import type { ReceivedBytes } from './received-bytes.ts';

/**
 * The name of an upload in parts. Both members are hashes in lower-case hex: the ID that the sender has chosen lets its
 * holder add parts, so it is not stored.
 */
export interface UploadName {
  /** 64 digits, from the ID of the upload. */
  readonly key: string;
  /** 16 digits, from the identity of the sender. Two senders with one ID have two uploads. */
  readonly sender: string;
}

/** The facts that the first part of an upload has stated. They never change. */
export interface UploadFacts {
  readonly resourceType: ResourceType | 'auto';
  /** Absent when the server chooses it. */
  readonly publicId?: string;
  /** A hash of the address that the first part came from. It only counts the uploads of one client. */
  readonly client: string;
}

/** One part of an upload. All of its bytes are stored. */
export interface UploadPart {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Bytes of the whole file, if this part has stated them. */
  readonly total: number | undefined;
  /** Hex MD5 of its bytes. */
  readonly etag: string;
}

/** The state of an upload in parts. */
export interface UnfinishedUpload extends UploadName {
  readonly facts: UploadFacts;
  /** In the order of the file, without overlaps. They stay known after the outcome. */
  readonly parts: readonly UploadPart[];
  /** What `settle` has stored. The bytes of the parts are removed then. */
  readonly outcome: string | undefined;
}

/** The part of the limits that an upload uses. */
export interface UploadUse extends UploadName {
  /** `undefined`: its facts cannot be read. It counts until it is removed. */
  readonly client: string | undefined;
  readonly partCount: number;
  /** Bytes of the stored parts; 0 after the outcome. */
  readonly bytes: number;
  readonly isSettled: boolean;
  /** The newest `usedAt` that `add` or `settle` got, in epoch milliseconds. */
  readonly usedAt: number;
}

/** A part that was received, for `UnfinishedUploads.add`. */
export interface AddedPart {
  readonly facts: UploadFacts;
  readonly part: UploadPart;
  readonly received: ReceivedBytes;
  /** Epoch milliseconds. */
  readonly usedAt: number;
}

/**
 * Stores the parts of unfinished uploads. They survive the end of the process that has received them. Limits are a matter
 * of the caller. No function writes a part of the bytes under its final name: a part is stored completely or not at all.
 */
export interface UnfinishedUploads {
  /** Returns the uses of all uploads, in any order. Removes the files that killed processes have left of removed uploads. */
  list(): Promise<readonly UploadUse[]>;
  /** Finds the uploads of a key: one for each sender. */
  find(key: string): Promise<readonly UnfinishedUpload[]>;
  /** @returns `undefined` when no part of this upload is stored */
  read(name: UploadName): Promise<UnfinishedUpload | undefined>;
  /**
   * Makes a part durable and takes over its received bytes, which come from `Originals.receive` of the same place. The same
   * part again only counts as a use. The caller has compared the part with the stored ones before.
   * @returns the upload with this part; `undefined` when another process has meanwhile added a part or facts that
   *   contradict it, or has settled the upload: then nothing was added, and the received bytes may be gone
   */
  add(name: UploadName, added: AddedPart): Promise<UnfinishedUpload | undefined>;
  /**
   * Reads the bytes of a part.
   * @throws when they are gone or damaged; a damaged part is removed, so that it can be sent again
   */
  bytesOf(name: UploadName, part: UploadPart): AsyncIterable<Uint8Array>;
  /** Stores the outcome of an upload, durably, and removes the bytes of its parts. */
  settle(name: UploadName, outcome: string, usedAt: number): Promise<void>;
  /** Removes an upload completely. It does not reappear after a crash. */
  remove(name: UploadName): Promise<void>;
  /** Tells other processes which uploads this one uses. Without it, each process only knows its own. */
  readonly uses?: UploadsInUse | undefined;
}

/** The uploads that a process uses now: it receives a part of them, or joins their parts. */
export interface UploadsInUse {
  /**
   * Notes a use, before any part is stored or after. It ends when the returned function is called, and some seconds after the
   * process has ended.
   */
  begin(name: UploadName): Promise<() => Promise<void>>;
  /** The uploads in use, each at least once. */
  list(): Promise<readonly UploadName[]>;
}
