import { type ExpectedOptions, expectOptions, type ResourceType } from '@safelight/protocol';
import type { CallOptions } from '../http.ts';
import { aBoolean, aFunction, anyValue, milliseconds, someText } from '../option-patterns.ts';
import type { TransformationInput } from '../transformation-input.ts';

/**
 * A body that can be sent more than once. A retry must start again, so streams are not allowed. A `File` is a `Blob`;
 * in Node `fileFromPath` of `@safelight/client/node` makes one.
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
   * Bytes of the file that have left this machine. It only grows, and is `totalBytes` before `processing`. Only a
   * repeat starts again, with the file or with the lost part of it.
   */
  readonly sentBytes: number;
  /** Size of the file. */
  readonly totalBytes: number;
}

/** The text parameters of one upload, as they will be sent (without `timestamp`, `signature`, `api_key`). */
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
  /** Whether an existing asset of that ID may get a new version; for signed uploads only. */
  readonly overwrite?: boolean;
  readonly tags?: readonly string[];
  /** Derivations to make before the response; for signed uploads only. */
  readonly eager?: readonly TransformationInput[];
  /** Called at each change of phase and, while sending, at most once per frame. It causes a CORS preflight. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /**
   * The maximum time without a sent byte. Bytes are counted only when progress is used (by `onProgress` or `for
   * await`). Otherwise the whole attempt has a limit: both timeouts plus the time that the body takes at 8 kB/s.
   * Default 30 000.
   */
  readonly stallTimeoutMs?: number;
  /** The maximum time for the response after everything was sent. Default 60 000. */
  readonly readyTimeoutMs?: number;
  /**
   * The maximum number of repeats after a lost connection, or after a 503 with a `Retry-After` that fits into
   * `readyTimeoutMs`; for each part when the file is sent in parts. Time without a network (`navigator.onLine`) is not
   * counted, up to 5 minutes. Default 3.
   */
  readonly retries?: number;
  /**
   * Identifies this upload in every attempt, so that the server does not store a repeat a second time. It is sent as
   * `Idempotency-Key`, or for files in parts as `X-Unique-Upload-Id`: an upload of the same file with the same key
   * continues where an earlier page stopped, while the server still has the parts. Default: random.
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
