import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failed, FieldValues, Guard, MayWait, Remembered, Target } from '@safelight/core';
import { matchesVariant, type Next } from '@safelight/http';
import type { CachedResponseWriter } from '../cache/cached-response.ts';
import type { FailureWriter } from './failure-writer.ts';

/** Sends the held failure or the cached response for a request. @returns whether there was something to send */
export type RecallResponder = (
  target: Target,
  req: IncomingMessage,
  res: ServerResponse,
  /** Leads to the application's error handlers; `undefined` in front of the application. */
  next?: Next,
) => MayWait<boolean>;

export interface RecallParts {
  readonly guard: Guard;
  readonly fail: FailureWriter;
  /** Whether only the application's error handlers can respond to a failure. */
  readonly needsNext: (outcome: Failed, req: IncomingMessage) => boolean;
  /** `undefined` when responses are not cached. */
  readonly writeCached: CachedResponseWriter | undefined;
}

function noNext(): void {}

/** Responds without a run. The response comes without a promise when all of it is in memory. */
export function createRecall({ guard, fail, needsNext, writeCached }: RecallParts): RecallResponder {
  return function recall(target, req, res, next) {
    const matches = (values: FieldValues) => matchesVariant(req.headers, values);
    const uses = (found: Remembered) => next !== undefined || found.kind === 'cached' || !needsNext(found, req);
    const remembered = guard.recall({ target, matches, uses });
    const respondWith = (found: Remembered | undefined): MayWait<boolean> => {
      if (found === undefined) return false;
      if (found.kind === 'cached') writeCached?.(req, res, found);
      const failing = found.kind === 'failed' ? fail(found, target, { req, res, next: next ?? noNext }) : undefined;
      return failing instanceof Promise ? failing.then(() => true) : true;
    };
    return remembered instanceof Promise ? remembered.then(respondWith) : respondWith(remembered);
  };
}
