import { type ExpectedOptions, expectOptions, type ResourceType } from '@safelight/protocol';
import type { CallOptions } from '../http.ts';
import { aBoolean, aFunction, anyValue, milliseconds, someText } from '../option-patterns.ts';
import type { TransformationInput } from '../transformation-input.ts';

/**
 * What can be sent more than once: a retry must be able to start again, so there are no streams. A `File` is a `Blob`;
 * in Node take one from `fileFromPath` of `@safelight/client/node`.
 */
export type UploadBody = Blob | ArrayBuffer | Uint8Array;

/**
 * `queued` → `sending` → `processing` (everything has left this machine, which does not mean that it has arrived) →
 * `ready`, or `failed`, or `aborted`.
 */
export type UploadPhase = 'queued' | 'sending' | 'processing' | 'ready' | 'failed' | 'aborted';

export interface UploadProgress {
  readonly phase: UploadPhase;
  /**
   * Bytes of the file that have left this machine. Grows only, and is `totalBytes` before `processing`; a repeat alone
   * starts again, with the file or with the part of it that was lost.
   */
  readonly sentBytes: number;
  /** Size of the file. */
  readonly totalBytes: number;
}

/** The text parameters of one upload, as they will go over the wire (without `timestamp`, `signature`, `api_key`). */
export type UploadParameters = Readonly<Record<string, string>>;

export interface UploadSignature {
  /** Hex; made over the parameters and the timestamp with the secret, which stays on your server. */
  readonly signature: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly apiKey: string;
}

/**
 * Asks your server to sign an upload. Called once for each upload, and again when it has taken longer than 45 minutes:
 * signatures are good for an hour.
 */
export type SignUpload = (parameters: UploadParameters) => Promise<UploadSignature>;

export interface UploadOptions extends CallOptions {
  /** Default: the server (or the upload preset) chooses. */
  readonly publicId?: string;
  /** Default `auto`: the server looks at the bytes. */
  readonly resourceType?: ResourceType | 'auto';
  /** Name of the file for the server. Default: the `File`'s own name, else `file`. */
  readonly filename?: string;
  /** Whether an asset of that ID may get a new version; only signed uploads may say. */
  readonly overwrite?: boolean;
  readonly tags?: readonly string[];
  /** Derivations to make before the answer; only signed uploads may say. */
  readonly eager?: readonly TransformationInput[];
  /** Called at each change of phase and, while sending, at most once per frame. Asking for it costs a CORS preflight. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /**
   * Gives up when no byte has moved for so long while sending. Bytes are only watched when progress is asked for (by
   * `onProgress` or `for await`); otherwise the whole attempt is bounded: both timeouts plus the time that the body
   * takes at 8 kB/s. Default 30 000.
   */
  readonly stallTimeoutMs?: number;
  /** How long the answer may take once everything has been sent. Default 60 000. */
  readonly readyTimeoutMs?: number;
  /**
   * Repeats after a lost connection, or a 503 whose `Retry-After` fits into `readyTimeoutMs`; of each part anew, when the
   * file goes in parts. Time without a network (`navigator.onLine`) is waited for and not counted, 5 minutes at most.
   * Default 3.
   */
  readonly retries?: number;
  /**
   * Names this upload in every attempt, so that the server answers a repeat instead of storing twice. It is the
   * `Idempotency-Key`, or for files in parts the `X-Unique-Upload-Id`: uploading the same file again under the same key
   * goes on where an earlier page stopped, as long as the server remembers. Default: random.
   */
  readonly idempotencyKey?: string;
}

const uploadOptions: ExpectedOptions<UploadOptions> = {
  publicId: someText,
  resourceType: /^string (image|video|raw|auto)$/,
  filename: someText,
  overwrite: aBoolean,
  tags: /^array/,
  eager: /^array/,
  onProgress: aFunction,
  stallTimeoutMs: milliseconds,
  readyTimeoutMs: milliseconds,
  retries: /^number (\d+|Infinity)$/,
  idempotencyKey: someText,
  signal: anyValue,
};

/** @throws {TypeError} when an option does not exist or cannot be used */
export function expectUploadOptions(options: UploadOptions): void {
  expectOptions('upload()', options, uploadOptions);
}

/** Options for all files of `uploadAll`, or a function that gives those of each file. */
export type UploadAllOptions<Body extends UploadBody = UploadBody> =
  | Omit<UploadOptions, 'publicId' | 'filename' | 'idempotencyKey'>
  | ((body: Body, index: number) => UploadOptions);
