import { type AssetId, createInTurn, TransformError } from '@safelight/core';
import { ApiError } from './api-error.ts';

/** Changes assets: one change of an asset at a time, each confirmed before the response is sent. */
export interface AssetChanges {
  /** Runs the tasks for one asset one after the other, in this process. Tasks for other assets do not wait. */
  inTurn<T>(asset: AssetId, task: () => Promise<T>): Promise<T>;
  /**
   * Tells other processes that the first original of an asset is on its way.
   * @throws {ApiError} 503 with `Retry-After` when the store did not confirm it: the change could not be confirmed, either
   */
  announce(asset: AssetId): Promise<void>;
  /**
   * Renews the generations of changed assets. The response must not be sent earlier, because a stored failure could
   * still be served until then.
   *
   * @param done - the completed step, for the message: "The upload is stored"
   * @throws {ApiError} 503 with `Retry-After` when a generation could not be written
   */
  confirm(assets: readonly AssetId[], done: string): Promise<void>;
}

export interface AssetChangesOptions {
  /** Renews the generation of an asset. */
  readonly changed: (asset: AssetId) => Promise<void>;
  readonly announce: (asset: AssetId) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** The `Retry-After` when the error has none. */
const defaultRetrySeconds = 5;

export function assetChanges({ changed, announce, onError }: AssetChangesOptions): AssetChanges {
  const inTurn = createInTurn();
  return {
    inTurn: ({ resourceType, publicId }, task) => inTurn([`${resourceType}/${publicId}`], task),

    async announce(asset) {
      try {
        await announce(asset);
      } catch (error) {
        onError(error);
        throw unavailable(
          (seconds) =>
            `Nothing was stored, because the store of marks did not respond. Repeat the call in ${seconds} s.`,
          error,
        );
      }
    },

    async confirm(assets, done) {
      try {
        for (const asset of assets) await changed(asset);
      } catch (error) {
        onError(error);
        throw unconfirmed(done, error);
      }
    },
  };
}

function unconfirmed(done: string, error: unknown): ApiError {
  const isNotConfirmed = `${done}, but this is not confirmed: old responses may still be served.`;
  return unavailable((seconds) => `${isNotConfirmed} Repeat the call in ${seconds} s.`, error);
}

function unavailable(messageOf: (seconds: number) => string, error: unknown): ApiError {
  const retryAfterMs = TransformError.is(error) ? error.retryAfterMs : undefined;
  const seconds = retryAfterMs === undefined ? defaultRetrySeconds : Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new ApiError(503, messageOf(seconds), { 'retry-after': String(seconds) }, error);
}
