import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Busy, type Failed, type Fault, statusOf, TransformError } from '@safelight/core';
import { createErrorPasser, type FailureFields, failureId } from '@safelight/express/runtime';
import {
  createFailureMemo,
  failureResponse,
  hasResponded,
  type Next,
  type PlaceholderBody,
  type WholeResponse,
  type WriteOptions,
  wants,
  writeResponse,
} from '@safelight/http';
import type { IdentifiedDelivery } from './identify.ts';
import type { Placeholders } from './placeholders.ts';

export interface FailedDeliveryOptions {
  readonly placeholderFor: Placeholders;
  /** The status of responses with a placeholder. `undefined`: the status of the failure. */
  readonly placeholderStatus: number | undefined;
  /** In which words clients get a failure. */
  readonly errors: 'application' | 'safelight';
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}

/** One request for a delivery that has failed. */
export interface FailedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Leads to the error handlers of the application. */
  readonly next: Next;
  readonly identified: IdentifiedDelivery;
}

/** Responds to failures: with a placeholder, in Safelight's words, or through the application's error handlers. */
export interface FailedDelivery {
  respond(outcome: Failed | Busy, request: FailedRequest): void | Promise<void>;
  /** Refuses a URL that could not be read. */
  refuse(fault: Fault, request: Omit<FailedRequest, 'identified'>): void;
}

export function createFailedDelivery(options: FailedDeliveryOptions): FailedDelivery {
  return options.errors === 'application' ? throughErrorHandlers(options) : inSafelightsWords(options);
}

function inSafelightsWords(options: FailedDeliveryOptions): FailedDelivery {
  const { onError } = options;
  const write = createWriter(options);
  return {
    respond(outcome, request) {
      // A crash or a timeout is reported once, by the request that started the run, and not by those that joined it.
      if (outcome.kind === 'failed' && outcome.source === 'run' && outcome.fault.class === 'transient') {
        onError(outcome.error);
      }
      return withPlaceholder(outcome, request, options, (placeholder) => {
        writeResponse(request.req, request.res, write.responseFor(outcome, request, placeholder), write.options);
      });
    },
    refuse(fault, { req, res }) {
      writeResponse(req, res, failureResponse({ outcome: notHeld(fault), wants: wants(req), tags: () => [] }));
    },
  };
}

function throughErrorHandlers(options: FailedDeliveryOptions): FailedDelivery {
  const write = createWriter(options);
  const passer = createErrorPasser();
  return {
    respond(given, request) {
      const { req, res, identified } = request;
      if (given.kind === 'busy') {
        return withPlaceholder(given, request, options, () => {
          writeResponse(req, res, write.responseFor(given, request), write.options);
        });
      }
      const outcome = withOwnStatus(given);
      const id = failureId(outcome, identified.target);
      if (outcome.source === 'run') passer.remember(id, outcome.error);
      return withPlaceholder(outcome, request, options, (placeholder) => {
        if (placeholder === undefined) return passer.pass(outcome, id, request, fieldsOf(identified));
        const response = write.responseFor(outcome, request, placeholder);
        // The error handlers see the error of a run, and the placeholder replaces what they write.
        if (outcome.source === 'run') passer.passAndWithhold(outcome, request).send(response, write.options);
        else writeResponse(req, res, response, write.options);
      });
    },
    refuse(fault, request) {
      passer.pass(withOwnStatus(notHeld(fault)), undefined, request, { tags: [], vary: undefined });
    },
  };
}

interface Writer {
  readonly options: WriteOptions;
  responseFor(outcome: Failed | Busy, request: FailedRequest, placeholder?: PlaceholderBody): WholeResponse;
}

function createWriter({ placeholderStatus, onMadePrivate }: FailedDeliveryOptions): Writer {
  const responseFor = createFailureMemo();
  return {
    options: { onMadePrivate },
    responseFor(outcome, { req, identified }, placeholder) {
      const { tags, vary } = fieldsOf(identified);
      return responseFor({ outcome, wants: wants(req), placeholder, placeholderStatus, tags: () => tags, vary });
    },
  };
}

/** Responds with the placeholder of the delivery. Returns a promise only if the placeholder must be made first. */
function withPlaceholder(
  outcome: Failed | Busy,
  { req, res, identified: { delivery, bucket, target } }: FailedRequest,
  { placeholderFor }: FailedDeliveryOptions,
  respond: (placeholder?: PlaceholderBody) => void,
): void | Promise<void> {
  // A middleware in front, such as a timeout, may have responded meanwhile.
  const respondOnce = (placeholder?: PlaceholderBody) => (hasResponded(res) ? undefined : respond(placeholder));
  if (outcome.kind === 'busy' || wants(req) === 'json') return respondOnce();
  const placeholder = placeholderFor(delivery, bucket, target.derivation);
  return placeholder instanceof Promise ? placeholder.then(respondOnce) : respondOnce(placeholder);
}

function fieldsOf({ bucket, tags }: IdentifiedDelivery): FailureFields {
  return { tags, vary: bucket === undefined ? undefined : 'Accept' };
}

/**
 * The failure with an error that leads the error handlers to the status of the failure. An error that has another
 * status, or none, such as that of a timeout, becomes the cause of a new error.
 */
function withOwnStatus(outcome: Failed): Failed {
  const { fault, error, source } = outcome;
  const isSame = error !== undefined && (statusOf(error) ?? 500) === fault.status;
  if (source === 'held' || isSame) return outcome;
  // Requests that have joined the run get the error of the run, so that loggers see it once.
  if (source === 'joined') return { ...outcome, error: undefined };
  return { ...outcome, error: new TransformError(fault.code, fault.message, { cause: error }) };
}

/** A failure that is not cached. */
function notHeld(fault: Fault): Failed {
  return { kind: 'failed', fault, failure: undefined, source: 'run', remainingMs: 0, storable: false };
}
