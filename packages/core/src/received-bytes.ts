/** Uploaded bytes that are durable but not visible yet. */
export interface ReceivedBytes {
  readonly bytes: number;
  /** Hex MD5. */
  readonly etag: string;
  /** Absolute path of the temporary file, for `Handler.probe`. */
  readonly localPath: string;
  /** Removes the temporary file. Does nothing after the bytes were published. */
  discard(): Promise<void>;
}
