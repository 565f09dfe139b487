import type { Failed, MayWait, SharedValues, Target } from '@safelight/core';
import { hasResponded, requestUrl, writeResponse } from '@safelight/http';
import { createCapturedErrors } from './captured-errors.ts';
import { type CapturedError, WrittenFault } from './error-capture.ts';
import { addedFields, createErrorPasser, type FailureFields, failureId } from './error-passer.ts';
import {
  createFailureWriter,
  type FailedExchange,
  type FailureWriter,
  type FailureWriterOptions,
  showsPlaceholder,
  varyOf,
} from './failure-writer.ts';
import { namedAsset } from './identify-target.ts';
import { createSharedErrors } from './shared-errors.ts';

export interface ApplicationErrorWriterOptions extends FailureWriterOptions {
  /** What processes share beside the records of the guard. */
  readonly sharedValues: SharedValues | undefined;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/**
 * Responds to failures in the application's own words. The first failing response is the application's, with fields that
 * say how long it is held. A later request gets the same response if it was captured. If the handler passed an error on,
 * the request goes to the application's error handlers with the same error, and the handler does not run. Otherwise the
 * response is Safelight's.
 */
export function createApplicationErrorWriter(options: ApplicationErrorWriterOptions): FailureWriter {
  const { onFailed, onMadePrivate, sharedValues, clock } = options;
  const writeOwn = createFailureWriter(options);
  const captured = createCapturedErrors(sharedValues && createSharedErrors(sharedValues, clock));
  const passer = createErrorPasser();

  function fieldsOf(outcome: Failed, target: Target): FailureFields {
    return { tags: options.tags(namedAsset(target)), vary: varyOf(outcome, options.vary) };
  }

  /** The response of the run itself: the handler has written it, or the error handlers write it now. */
  function finishRun(outcome: Failed, target: Target, { req, run, watched, next }: FailedExchange): boolean {
    if (run === undefined || watched === undefined || watched.state !== 'delayed') return false;
    const id = failureId(outcome, target);
    if (id !== undefined && run.capture !== undefined) captured.put(id, run.capture, outcome.remainingMs);
    if (run.passedError !== undefined) passer.remember(id, run.passedError.error);
    watched.forward(addedFields(outcome, fieldsOf(outcome, target), req));
    if (run.passedError !== undefined) passer.deliver(run.passedError.error, next);
    return true;
  }

  function replay(outcome: Failed, target: Target, { req, res }: FailedExchange, error: CapturedError): void {
    const add = addedFields(outcome, fieldsOf(outcome, target), req);
    const fields = add(error.status, (name) => error.headers[name] ?? res.getHeader(name));
    const headers = { ...error.headers, ...lowerCased(fields), 'content-length': error.body.length };
    const response = { status: error.status, headers, body: error.body };
    writeResponse(req, res, response, { madeBy: 'handler', onMadePrivate });
  }

  /** The response to a request that did not run the handler. */
  function finishHeld(outcome: Failed, target: Target, exchange: FailedExchange): MayWait<void> {
    const { req, res } = exchange;
    const id = failureId(outcome, target);
    if (outcome.fault.passed !== undefined) return passer.pass(outcome, id, exchange, fieldsOf(outcome, target));
    const { capture } = outcome.error instanceof WrittenFault ? outcome.error : noCapture;
    const known = id === undefined ? undefined : captured.find(id, req);
    const found = capture === undefined ? known : captured.findOf(capture, req);
    if (found === undefined) return writeOwn(outcome, target, exchange);
    return found.then((error) => {
      if (hasResponded(res)) return undefined;
      return error === undefined ? writeOwn(outcome, target, exchange) : replay(outcome, target, exchange, error);
    });
  }

  return function writeApplicationError(outcome, target, exchange) {
    const { req, run, watched, next } = exchange;
    if (outcome.kind === 'busy' || showsPlaceholder(options, req)) {
      if (outcome.kind === 'failed' && run?.passedError !== undefined && watched?.state === 'delayed') {
        // The error handlers see the error, and the placeholder replaces what they write.
        watched.withhold();
        passer.deliver(run.passedError.error, next);
      }
      return writeOwn(outcome, target, exchange);
    }
    onFailed(requestUrl(req), target);
    if (finishRun(outcome, target, exchange)) return undefined;
    return watched === undefined ? finishHeld(outcome, target, exchange) : writeOwn(outcome, target, exchange);
  };
}

function lowerCased(fields: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
}

const noCapture = { capture: undefined };
