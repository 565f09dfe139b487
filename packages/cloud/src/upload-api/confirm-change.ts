import { type AssetId, TransformError } from '@safelight/core';
import { ApiError } from './api-error.ts';
import type { ApiContext } from './upload-api-options.ts';

/** Seconds that a caller is asked to wait when whoever failed did not say. */
const defaultRetrySeconds = 5;

/**
 * Renews the generations of what was changed. Only then may the change be acknowledged: before, a failure that was
 * remembered earlier could still be served.
 *
 * @param done - what has been done already, for the message: "The upload is stored"
 * @throws {ApiError} 503 with `Retry-After` when one could not be written
 */
export async function confirmChange(context: ApiContext, assets: readonly AssetId[], done: string): Promise<void> {
  try {
    for (const asset of assets) await context.changed(asset);
  } catch (error) {
    context.onError(error);
    const retryAfterMs = TransformError.is(error) ? error.retryAfterMs : undefined;
    const seconds = retryAfterMs === undefined ? defaultRetrySeconds : Math.max(1, Math.ceil(retryAfterMs / 1000));
    const message = `${done}, but this is not confirmed: old answers may still be served. Repeat the call in ${seconds} s.`;
    throw new ApiError(503, message, { 'retry-after': String(seconds) }, error);
  }
}
