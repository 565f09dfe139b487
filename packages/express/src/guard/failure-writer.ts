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
  /** Called with the target of each failing URL, so that the URL can be explained later. */
  readonly onFailed: (url: string, target: Target) => void;
  /** Called with crashes and timeouts of a handler. No other code sees them, because the guard responds to them. */
  readonly onError: (error: unknown) => void;
  /** Called when an error became `private` because the application has set a cookie on it. */
  readonly onMadePrivate: () => void;
}

export type FailureOutcome = Failed | Busy;

export interface FailedExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The watch on the handler's response. `undefined` when the handler has not run on `res`. */
  readonly watched?: WatchedResponse | undefined;
}

/** Responds in place of a handler: it has failed, its failure is held, or too many requests wait for it. */
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
    const shown = { placeholder, placeholderStatus, tags: () => tags(target.assets[0]) };
    const response = responseFor({ outcome, wants: wants(req), ...shown });
    if (watched !== undefined) watched.send(response, writing);
    else writeResponse(req, res, response, writing);
  };
}

/** Whether the guard's own timeout ended the run. The handler already knows about a 504 that it sent itself. */
function isGuardTimeout(outcome: FailureOutcome): outcome is Failed {
  if (outcome.kind !== 'failed' || outcome.source !== 'run') return false;
  return outcome.fault.code === 'timed_out' && !TransformError.is(outcome.error);
}
