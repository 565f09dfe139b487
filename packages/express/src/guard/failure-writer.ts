import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Busy, type Failed, type Target, TransformError } from '@safelight/core';
import {
  createFailureMemo,
  hasResponded,
  type PlaceholderBody,
  requestUrl,
  wants,
  writeResponse,
} from '@safelight/http';
import type { WatchedResponse } from './response-events.ts';

export interface FailureWriterOptions {
  readonly placeholder: PlaceholderBody | undefined;
  /** The status of responses with a placeholder; `undefined` for the status of the error. */
  readonly placeholderStatus: number | undefined;
  /** Returns the cache tags of an asset, by its key. */
  readonly tags: (asset: string) => readonly string[];
  /** Called with the target of each URL that fails, so that `why` can explain the URL later. */
  readonly onFailed: (url: string, target: Target) => void;
  /**
   * Called with the errors of a handler that crashed or timed out. The application does not see these errors, because
   * the guard responds.
   */
  readonly onError: (error: unknown) => void;
  /** Called when an error response was made `private`, because the application has set a cookie on the response. */
  readonly onMadePrivate: () => void;
}

export type FailureOutcome = Failed | Busy;

export interface FailedExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The watch on the handler's response. `undefined` when the handler has not run on `res`. */
  readonly watched?: WatchedResponse | undefined;
}

/**
 * Responds instead of the handler: after a failure, while a failure is held, or if too many requests wait for a run.
 */
export type FailureWriter = (outcome: FailureOutcome, target: Target, exchange: FailedExchange) => void;

export function createFailureWriter(options: FailureWriterOptions): FailureWriter {
  const { placeholder, placeholderStatus, tags, onFailed, onError, onMadePrivate } = options;
  const responseFor = createFailureMemo();
  const writing = { onMadePrivate };

  return function writeFailure(outcome, target, { req, res, watched }) {
    onFailed(requestUrl(req), target);
    if (isGuardTimeout(outcome)) onError(outcome.error);
    // A middleware in front of the guard, such as a timeout, may have responded meanwhile.
    if (watched === undefined && hasResponded(res)) return;
    const tagsOfAsset = () => tags(target.assets[0]);
    const response = responseFor({ outcome, wants: wants(req), placeholder, placeholderStatus, tags: tagsOfAsset });
    if (watched !== undefined) watched.send(response, writing);
    else writeResponse(req, res, response, writing);
  };
}

/** Whether the timeout of the guard ended the run. For a 504 that the handler itself has sent, this is `false`. */
function isGuardTimeout(outcome: FailureOutcome): outcome is Failed {
  if (outcome.kind !== 'failed' || outcome.source !== 'run') return false;
  return outcome.fault.code === 'timed_out' && !TransformError.is(outcome.error);
}
