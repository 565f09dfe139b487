import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Busy, type Failed, type Target, TransformError } from '@safelight/core';
import { createFailureMemo, isAnswered, type PlaceholderBody, requestUrl, wants, writeResponse } from '@safelight/http';
import type { WatchedResponse } from './response-events.ts';

export interface FailureWriterOptions {
  readonly placeholder: PlaceholderBody | undefined;
  readonly placeholderStatus: number | undefined;
  readonly tags: (asset: string) => readonly string[];
  /** Told what a failing URL means, so that it can be explained later. */
  readonly onFailed: (url: string, target: Target) => void;
  /** Told of crashes and hangs of a handler, which nobody else hears of once they are answered here. */
  readonly onError: (error: unknown) => void;
  /** Is told that a cookie of the application kept shared caches from an error. */
  readonly onMadePrivate: () => void;
}

export type FailureOutcome = Failed | Busy;

export interface FailedExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The watch on the handler's response, where there is one: the failure goes through it. */
  readonly watched?: WatchedResponse | undefined;
}

/** Answers for a handler that has failed, or would have. */
export type FailureWriter = (outcome: FailureOutcome, target: Target, exchange: FailedExchange) => void;

export function createFailureWriter(options: FailureWriterOptions): FailureWriter {
  const { placeholder, placeholderStatus, tags, onFailed, onError, onMadePrivate } = options;
  const responseFor = createFailureMemo();
  const writing = { onMadePrivate };

  return function writeFailure(outcome, target, { req, res, watched }) {
    onFailed(requestUrl(req), target);
    if (isHang(outcome)) onError(outcome.error);
    // Something in front of us, such as a timeout of its own, may have answered while we waited.
    if (watched === undefined && isAnswered(res)) return;
    const about = { placeholder, placeholderStatus, tags: () => tags(target.assets[0]) };
    const response = responseFor({ outcome, wants: wants(req), ...about });
    if (watched !== undefined) watched.send(response, writing);
    else writeResponse(req, res, response, writing);
  };
}

/** A handler that answers 504 by itself knows about it. */
function isHang(outcome: FailureOutcome): outcome is Failed {
  if (outcome.kind !== 'failed' || outcome.source !== 'run') return false;
  return outcome.fault.code === 'timed_out' && !TransformError.is(outcome.error);
}
