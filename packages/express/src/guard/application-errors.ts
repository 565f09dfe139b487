import type { IncomingMessage } from 'node:http';
import type { Failed, MayWait, Target } from '@safelight/core';
import { hasResponded, requestUrl, writeResponse } from '@safelight/http';
import { type CapturedError, createCapturedErrors, WrittenFault } from './captured-errors.ts';
import { errorFields } from './error-fields.ts';
import {
  createFailureWriter,
  type FailedExchange,
  type FailureWriter,
  type FailureWriterOptions,
  showsPlaceholder,
  varyOf,
} from './failure-writer.ts';
import { createPassedErrors } from './passed-errors.ts';
import type { AddedFields, ResponseEvents } from './response-events.ts';
import { watchResponse } from './watch-response.ts';

/**
 * Responds to failures in the application's own words. The first failing response is the application's, with fields that
 * say how long it is held. A later request gets the same response if it was captured. If the handler passed an error on,
 * the request goes to the application's error handlers with the same error, and the handler does not run. Otherwise the
 * response is Safelight's.
 */
export function createApplicationErrorWriter(options: FailureWriterOptions): FailureWriter {
  const { onFailed, onMadePrivate } = options;
  const writeOwn = createFailureWriter(options);
  const captured = createCapturedErrors();
  const passed = createPassedErrors();

  const fieldsFor = createFields(options);

  /** The response of the run itself: the handler has written it, or the error handlers write it now. */
  function finishRun(outcome: Failed, target: Target, { req, run, watched, next }: FailedExchange): boolean {
    if (run === undefined || watched === undefined || watched.state !== 'delayed') return false;
    const id = idOf(outcome, target);
    if (id !== undefined && run.capture !== undefined) captured.put(id, run.capture);
    if (id !== undefined && run.passedError !== undefined) passed.remember(id, run.passedError.error);
    watched.forward(fieldsFor(outcome, target, req));
    if (run.passedError !== undefined) passed.deliver(run.passedError.error, next);
    return true;
  }

  function replay(outcome: Failed, target: Target, { req, res }: FailedExchange, error: CapturedError): void {
    const fields = fieldsFor(outcome, target, req)(error.status, (name) => error.headers[name] ?? res.getHeader(name));
    const headers = { ...error.headers, ...lowerCased(fields), 'content-length': error.body.length };
    const response = { status: error.status, headers, body: error.body };
    writeResponse(req, res, response, { madeBy: 'handler', onMadePrivate });
  }

  /** The response to a request that did not run the handler. */
  function finishHeld(outcome: Failed, target: Target, exchange: FailedExchange): MayWait<boolean> {
    const { req, res, next } = exchange;
    const id = idOf(outcome, target);
    if (outcome.fault.passed !== undefined) {
      if (!exchange.canPassOn) return false;
      const error = passed.find(id ?? '', outcome);
      watchResponse(req, res, noEvents).forward(fieldsFor(outcome, target, req));
      passed.deliver(error, next);
      return true;
    }
    const { capture } = outcome.error instanceof WrittenFault ? outcome.error : noCapture;
    const known = id === undefined ? undefined : captured.find(id, req);
    const found = capture === undefined ? known : captured.findOf(capture, req);
    if (found === undefined) return writeOwn(outcome, target, exchange);
    return found.then((error) => {
      if (hasResponded(res)) return true;
      if (error === undefined) return writeOwn(outcome, target, exchange);
      replay(outcome, target, exchange, error);
      return true;
    });
  }

  return function writeApplicationError(outcome, target, exchange) {
    const { req, run, watched, next } = exchange;
    if (outcome.kind === 'busy' || showsPlaceholder(options, req)) {
      if (outcome.kind === 'failed' && run?.passedError !== undefined && watched?.state === 'delayed') {
        // The error handlers see the error, and the placeholder replaces what they write.
        watched.withhold();
        passed.deliver(run.passedError.error, next);
      }
      return writeOwn(outcome, target, exchange);
    }
    onFailed(requestUrl(req), target);
    return (
      finishRun(outcome, target, exchange) ||
      (watched === undefined ? finishHeld(outcome, target, exchange) : writeOwn(outcome, target, exchange))
    );
  };
}

type FieldsFor = (outcome: Failed, target: Target, req: IncomingMessage) => AddedFields;

/** The fields that an error of the application gets: how long it is held, and what it is. */
function createFields({ tags, vary }: Pick<FailureWriterOptions, 'tags' | 'vary'>): FieldsFor {
  return function fieldsFor(outcome, target, { headers }) {
    const options = {
      tags: tags(target.assets[0]),
      vary: varyOf(outcome, vary),
      hasCookies: headers.cookie !== undefined,
    };
    return (status, read) => (status < 400 ? {} : errorFields(outcome, options, read));
  };
}

/** Names one failure, so that what is remembered of it ends with it. */
function idOf({ failure }: Failed, { assets, derivation, variant }: Target): string | undefined {
  if (failure === undefined) return undefined;
  return JSON.stringify([assets[0], derivation, variant, failure.stamp, failure.failedAt]);
}

function lowerCased(fields: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
}

const noCapture = { capture: undefined };

export const noEvents: ResponseEvents = {
  onStatus: () => 'forward',
  onWithheld: () => undefined,
  onWithheldEnd: () => undefined,
  onLeft: () => undefined,
  onBroken: () => undefined,
  onDestroyed: () => undefined,
};
