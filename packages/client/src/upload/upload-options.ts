import { type ExpectedOptions, expectOptions, type ResourceType } from '@safelight/protocol';
import type { CallOptions } from '../http.ts';
import { aBoolean, aFunction, anyValue, milliseconds, someText } from '../option-patterns.ts';
import type { TransformationInput } from '../transformation-input.ts';

/**
 * A body that can be sent more than once. A stream cannot, so it is not allowed. A `File` is a `Blob`; in Node,
 * `fileFromPath` of `@safelight/client/node` makes one.
 */
export type UploadBody = Blob | ArrayBuffer | Uint8Array;

/**
 * `queued` → `sending` → `processing` → `ready`, `failed` or `aborted`. In `processing` the whole body has left this
 * machine, but it may not have arrived yet. In `offline` the next attempt waits until the browser has a network again.
 */
export type UploadPhase = 'queued' | 'sending' | 'offline' | 'processing' | 'ready' | 'failed' | 'aborted';

export interface UploadProgress {
  readonly phase: UploadPhase;
  /**
   * Bytes of the file that have left this machine. The number only grows, and reaches `totalBytes` before `processing`.
   * Only a repeat sets it back: to 0, or to the start of the part that is repeated.
   */
  readonly sentBytes: number;
  /** Size of the file in bytes. */
  readonly totalBytes: number;
  /** The file that is uploaded. */
  readonly file: Blob;
}

/** The text parameters of one upload as they will be sent, without `timestamp`, `signature` and `api_key`. */
export type UploadParameters = Readonly<Record<string, string>>;

export interface UploadSignature {
  /** Hex digits: the digest of the parameters, the timestamp and the secret. The secret stays on your server. */
  readonly signature: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly apiKey: string;
}

/**
 * Requests a signature from your server. It is called once for each upload, and again 45 minutes later when the upload
 * still sends, because a signature is valid for an hour.
 */
export type SignUpload = (parameters: UploadParameters) => Promise<UploadSignature>;

export interface UploadOptions extends CallOptions {
  /**
   * The name of the asset. Names of files are not unique: two phones have an `image.jpg`. `publicIdFrom(file.name)` makes
   * a unique name.
   * @default the server or the upload preset chooses
   */
  readonly publicId?: string | undefined;
  /**
   * What happens when an asset with this public ID exists and may not get a new version: the upload rejects with
   * `public_id_taken`, or with `use` it resolves with the asset that exists, which may be another picture.
   * @default 'reject'
   */
  readonly ifExists?: 'reject' | 'use' | undefined;
  /**
   * With `auto` the server detects the type from the bytes.
   * @default 'auto'
   */
  readonly resourceType?: ResourceType | 'auto' | undefined;
  /**
   * Name of the file for the server.
   * @default the name of the `File`, otherwise 'file'
   */
  readonly filename?: string | undefined;
  /** Whether an existing asset with this public ID may get a new version. Only for signed uploads. */
  readonly overwrite?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Derivations that the server makes before its response. Only for signed uploads. */
  readonly eager?: readonly TransformationInput[] | undefined;
  /** Called at each change of phase and, while sending, at most once per frame. In a page it causes a CORS preflight. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /**
   * The maximum time without a sent byte. Bytes are counted only when progress is used (by `onProgress` or `for
   * await`), and not in service workers, Bun and Deno. Otherwise the whole attempt has a limit: both timeouts plus the
   * time that the body takes at 8 kB/s.
   * @default 30_000
   */
  readonly stallTimeoutMs?: number | undefined;
  /**
   * The maximum time for the response after everything was sent.
   * @default 60_000
   */
  readonly readyTimeoutMs?: number | undefined;
  /**
   * The maximum number of repeats after a lost connection, after 408, 502, 503 or 504, and after 409 or 429 with
   * `Retry-After`. A `Retry-After` of more than `readyTimeoutMs` is final. In parts, each part has this number. An
   * attempt that fails while the browser is offline (`navigator.onLine`) is not counted; the next one waits up to 5
   * minutes for the network.
   * @default 3
   */
  readonly retries?: number | undefined;
  /**
   * The key of an earlier upload of the same file, from `task.uploadKey` or `error.uploadKey`: this upload continues it.
   * Parts that the server has are not sent again, also after a reload of the page. Code that has the key can continue
   * the upload, so store it like a password.
   * @default a new random key
   */
  readonly uploadKey?: string | undefined;
}

const uploadOptions: ExpectedOptions<UploadOptions> = {
  publicId: someText,
  ifExists: /^string (reject|use)$/,
  resourceType: /^string (image|video|raw|auto)$/,
  filename: someText,
  overwrite: aBoolean,
  tags: /^array/,
  eager: /^array/,
  onProgress: aFunction,
  stallTimeoutMs: milliseconds,
  readyTimeoutMs: milliseconds,
  retries: /^number (\d+|Infinity)$/,
  uploadKey: someText,
  signal: anyValue,
};

/** @throws {TypeError} when an option does not exist or cannot be used */
export function expectUploadOptions(options: UploadOptions): void {
  expectOptions('upload()', options, uploadOptions);
}

/** Options for all files of `uploadAll`, or a function that returns the options of each file. */
export type UploadAllOptions<Body extends UploadBody = UploadBody> =
  | Omit<UploadOptions, 'publicId' | 'filename' | 'uploadKey'>
  | ((body: Body, index: number) => UploadOptions);
