import type { AssetId } from '@safelight/core';
import type { AssetIdRoute, AssetRoute, CommandRoute, UploadRoute } from './api-route.ts';
import type { Identity } from './authenticate.ts';
import type { ResponseSettings } from './describe-asset.ts';
import type { UploadSettings } from './input.ts';
import type { ReceivedFile, Submission } from './submission.ts';

interface CallParts extends Submission {
  readonly identity: Identity;
  readonly settings: ResponseSettings;
  readonly arrival: Arrival;
  /** Identifies an upload in parts when the call has no `Idempotency-Key`. */
  readonly uploadKey?: string;
}

/** An authenticated upload, with its parameters. */
export interface UploadCall extends CallParts, UploadRoute {
  readonly input: UploadSettings;
  /** Fetches the remote file and makes it durable. `undefined` when the call has the bytes of the file, or no file. */
  readonly fetchFile: (() => Promise<ReceivedFile>) | undefined;
  /** The asset that the upload creates, if the parameters name it. With the type `auto`, an image is expected. */
  readonly asset: AssetId | undefined;
}

/** An authenticated call for an existing asset. */
export interface AssetCall extends CallParts, AssetRoute {}

/** An authenticated command for several assets. */
export interface CommandCall extends CallParts, CommandRoute {}

/** An authenticated call for the asset with an asset ID. */
export interface AssetIdCall extends CallParts, AssetIdRoute {}

export type Call = UploadCall | AssetCall | CommandCall | AssetIdCall;

/**
 * The asset that a call creates. Requests that do not find it wait until the call ends. No request waits for an
 * existing one.
 */
export interface Arrival {
  /**
   * Sets the expected asset, in place of an earlier one. Await the promise before the asset is published.
   * @throws {ApiError} 503 when other processes cannot be told
   */
  expect(asset: AssetId): Promise<void>;
  /** Ends the waiting. Call it when the asset is confirmed, or when the call fails. */
  end(): void;
}
