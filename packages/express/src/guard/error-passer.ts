import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failed, Target } from '@safelight/core';
import { hasResponded, type Next } from '@safelight/http';
import { errorFields } from './error-fields.ts';
import { createPassedErrors } from './passed-errors.ts';
import type { AddedFields, ResponseEvents, WatchedResponse } from './response-events.ts';
import { watchResponse } from './watch-response.ts';

/** What the response to a failure says besides the failure. */
export interface FailureFields {
  /** The cache tags of the asset. */
  readonly tags: readonly string[];
  /** The request fields that a shared cache must compare. */
  readonly vary: string | undefined;
}

/** A request, with the way to the error handlers of the application. */
export interface PassedExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Leads to the error handlers. */
  readonly next: Next;
}

/** Passes failures to the error handlers of the application. */
export interface ErrorPasser {
  /**
   * Remembers the error of a run, for later requests to this process.
   * @param id - the `failureId`; an error without one is not remembered
   */
  remember(id: string | undefined, error: unknown): void;
  /** Calls `next` with the error. The response of the error handlers gets fields that say how long it is held. */
  pass(outcome: Failed, id: string | undefined, exchange: PassedExchange, fields: FailureFields): void;
  /**
   * Calls `next` with the error of a run, and withholds the response of the error handlers.
   * @returns the watch; its `send` sends another response
   */
  passAndWithhold(outcome: Failed, exchange: PassedExchange): WatchedResponse;
  /** Calls `next` with the error of a run. Its response is watched already. */
  deliver(error: unknown, next: Next): void;
}

export function createErrorPasser(): ErrorPasser {
  const passed = createPassedErrors();
  return {
    remember(id, error) {
      if (id !== undefined) passed.remember(id, error);
    },
    pass(outcome, id, { req, res, next }, fields) {
      // A middleware in front, such as a timeout, may have responded meanwhile.
      if (hasResponded(res)) return;
      const error = passed.find(id ?? '', outcome);
      watchResponse(req, res, noEvents).forward(addedFields(outcome, fields, req));
      passed.deliver(error, next);
    },
    passAndWithhold(outcome, { req, res, next }) {
      const watched = watchResponse(req, res, noEvents);
      watched.withhold();
      passed.deliver(outcome.error, next);
      return watched;
    },
    deliver: passed.deliver,
  };
}

/** The fields that an error of the application gets: how long it is held, and what it is. */
export function addedFields(outcome: Failed, fields: FailureFields, { headers }: IncomingMessage): AddedFields {
  const options = { ...fields, hasCookies: headers.cookie !== undefined };
  return (status, read) => (status < 400 ? {} : errorFields(outcome, options, read));
}

/**
 * Names one failure, so that what is remembered of it ends with it.
 * @returns `undefined` for a failure that is not held
 */
export function failureId({ failure }: Failed, { assets, derivation, variant }: Target): string | undefined {
  if (failure === undefined) return undefined;
  return JSON.stringify([assets[0], derivation, variant, failure.stamp, failure.failedAt, failure.vary]);
}

export const noEvents: ResponseEvents = {
  onStatus: () => 'forward',
  onWithheld: () => undefined,
  onWithheldEnd: () => undefined,
  onLeft: () => undefined,
  onBroken: () => undefined,
  onDestroyed: () => undefined,
};
