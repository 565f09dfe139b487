import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Busy, type Failed, FaultError, type MayWait, type Target, TransformError } from '@safelight/core';
import {
  createFailureMemo,
  hasResponded,
  type Next,
  noStore,
  type PlaceholderBody,
  privateHeaders,
  readCacheDirectives,
  requestUrl,
  type WholeResponse,
  wants,
  writeResponse,
} from '@safelight/http';
import type { ErrorCapture } from './error-capture.ts';
import { namedAsset } from './identify-target.ts';
import type { WatchedResponse } from './response-events.ts';

export interface FailureWriterOptions {
  readonly placeholder: PlaceholderBody | undefined;
  /** The status of responses with a placeholder; `undefined` for the status of the error. */
  readonly placeholderStatus: number | undefined;
  /** The request fields that decide about the handler's response, besides those in its own `Vary`. */
  readonly vary: readonly string[];
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
  /** The handler's run on `res`. `undefined` when it has not run on `res`. */
  readonly run?: FailedRun | undefined;
  /** The application's error handlers come next. */
  readonly next: Next;
}

/** How a handler has failed. */
export interface FailedRun {
  /** Set when it has thrown an error or passed one on, and has written nothing. */
  readonly passedError: { readonly error: unknown } | undefined;
  /** Takes the response that the handler writes, for later requests. */
  readonly capture: ErrorCapture | undefined;
}

/**
 * Responds instead of the handler: after a failure, while a failure is held, or if too many requests wait for a run.
 * @throws {unknown} what a middleware throws while the response is written; a promise rejects with the same error
 */
export type FailureWriter = (outcome: FailureOutcome, target: Target, exchange: FailedExchange) => MayWait<void>;

export function createFailureWriter(options: FailureWriterOptions): FailureWriter {
  const { placeholder, placeholderStatus, vary, tags, onFailed, onError, onMadePrivate } = options;
  const responseFor = createFailureMemo();
  const writing = { onMadePrivate };

  return function writeFailure(outcome, target, { req, res, watched }) {
    onFailed(requestUrl(req), target);
    if (isGuardTimeout(outcome)) onError(outcome.error);
    // A middleware in front of the guard, such as a timeout, may have responded meanwhile.
    if (watched === undefined && hasResponded(res)) return;
    const shown = { placeholder, placeholderStatus, vary: varyOf(outcome, vary), tags: () => tags(namedAsset(target)) };
    const response = forDownstream(responseFor({ outcome, wants: wants(req), ...shown }), res, watched);
    if (watched !== undefined) watched.send(response, writing);
    else writeResponse(req, res, response, writing);
  };
}

/** Whether an error for this request has a placeholder as its body. A client that asks for JSON gets no picture. */
export function showsPlaceholder(
  { placeholder }: Pick<FailureWriterOptions, 'placeholder'>,
  req: IncomingMessage,
): boolean {
  return placeholder !== undefined && wants(req) !== 'json';
}

/** The request fields that a shared cache must compare before it uses the response for another request. */
export function varyOf(outcome: FailureOutcome, vary: readonly string[]): string | undefined {
  const named = outcome.kind === 'failed' ? outcome.fault.vary : undefined;
  if (named === undefined && vary.length === 0) return undefined;
  const names = new Set([...vary, ...Object.keys(named ?? {})]);
  return names.size === 0 ? undefined : [...names].join(', ');
}

/** What the application has said in front of the guard about caches goes on: `no-store` and `private`. */
function forDownstream(
  response: WholeResponse,
  res: ServerResponse,
  watched: WatchedResponse | undefined,
): WholeResponse {
  const said = watched === undefined ? res.getHeader('cache-control') : watched.headerBefore('cache-control');
  if (said === undefined) return response;
  const { noStore: isNotStored, isPrivate } = readCacheDirectives({ 'cache-control': String(said) });
  if (isNotStored) return { ...response, headers: { ...response.headers, 'Cache-Control': noStore } };
  return isPrivate ? { ...response, headers: privateHeaders(response.headers) } : response;
}

/** Whether the guard's own timeout ended the run. The handler already knows about a 504 that it sent itself. */
function isGuardTimeout(outcome: FailureOutcome): outcome is Failed {
  if (outcome.kind !== 'failed' || outcome.source !== 'run') return false;
  return (
    outcome.fault.code === 'timed_out' && !(outcome.error instanceof FaultError) && !TransformError.is(outcome.error)
  );
}
