import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import {
  type Derivative,
  type Derivatives,
  type Failed,
  type Fault,
  type Guard,
  type GuardRequest,
  type Outcome,
  runUnshared,
  TransformError,
} from '@safelight/core';
import { createFailureMemo, failureResponse, type PlaceholderBody, wants, writeResponse } from '@safelight/http';
import type { Delivery } from '@safelight/protocol';
import type { Deliver, Delivered } from './deliver.ts';
import { type DerivativeResponseOptions, writeCached, writeMade } from './derivative-response.ts';
import { type IdentifiedDelivery, identifyDelivery } from './identify.ts';
import type { Placeholders } from './placeholders.ts';
import { type DerivativeHead, storeDerivative } from './stored-derivative.ts';

export interface CloudDeliveryOptions {
  readonly guard: Guard;
  readonly deliver: Deliver;
  readonly placeholderFor: Placeholders;
  readonly placeholderStatus: number | undefined;
  readonly derivatives: Derivatives;
  /** Whether derivatives are cached. */
  readonly isCached: boolean;
  readonly clock: () => number;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}

/** Responds to the delivery URLs of a cloud. */
export interface CloudDelivery {
  respond(req: IncomingMessage, res: ServerResponse, identified: IdentifiedDelivery): void | Promise<void>;
  /**
   * Responds without running the handler, synchronously when everything needed is in memory.
   * @returns `false` when it cannot respond; then the request and the response are untouched
   */
  recall(req: IncomingMessage, res: ServerResponse, identified: IdentifiedDelivery): boolean | Promise<boolean>;
  /**
   * Makes and caches a derivation before the first request for it.
   * @throws {TransformError} and whatever the handler throws
   */
  derive(delivery: Delivery): Promise<Derivative>;
  /** Refuses a URL that cannot be understood. */
  refuse(req: IncomingMessage, res: ServerResponse, fault: Fault): void;
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds what all requests of one cloud share; its functions are short.
export function createCloudDelivery(options: CloudDeliveryOptions): CloudDelivery {
  const { guard, deliver, placeholderFor, placeholderStatus, derivatives, isCached, clock, timeoutMs } = options;
  const { onError, onMadePrivate } = options;
  const storing = { derivatives, clock, idleMs: timeoutMs };
  const responseFor = createFailureMemo();
  const writing = { onMadePrivate };

  function respond(req: IncomingMessage, res: ServerResponse, identified: IdentifiedDelivery): void | Promise<void> {
    if (isPrivate(req)) return unguarded(identified).then((outcome) => send(req, res, identified, { outcome }));
    const request = requestOf(identified);
    const outcome = guard.handle(request);
    return outcome instanceof Promise
      ? outcome.then((late) => send(req, res, identified, guarded(late, request)))
      : send(req, res, identified, guarded(outcome, request));
  }

  function requestOf({ delivery, bucket, target }: IdentifiedDelivery): DeliveryRequest {
    const request: DeliveryRequest = {
      target,
      reader: undefined,
      work: (attempt) => deliver(delivery, bucket, attempt),
      take({ derivative, draft }) {
        request.reader = draft?.read();
        return request.reader !== undefined || derivative.read !== undefined || Buffer.isBuffer(derivative.body);
      },
      checksSuccess: true,
      storeValue: (delivered, attempt) => storeDerivative(delivered, attempt, storing),
    };
    return request;
  }

  async function derive(delivery: Delivery): Promise<Derivative> {
    const request = requestOf(identifyDelivery(delivery, undefined, isCached));
    const { outcome, reader } = guarded(await guard.handle(request), request);
    if (outcome.kind === 'made') {
      const { derivative } = outcome.value;
      return reader === undefined ? derivative : { ...derivative, body: reader };
    }
    if (outcome.kind === 'cached') {
      const { cached } = outcome;
      const head = cached.head as unknown as DerivativeHead;
      const body = cached.body ?? cached.read();
      cached.release();
      return { ...head, body };
    }
    throw outcome.kind === 'failed'
      ? errorOfRun(outcome)
      : new TransformError('busy', 'Too many wait for the same run.');
  }

  /** Serves a request that is private to one client: neither held nor shared. */
  async function unguarded({ delivery, bucket }: IdentifiedDelivery): Promise<Outcome<Delivered>> {
    const end = await runUnshared((attempt) => deliver(delivery, bucket, attempt), timeoutMs);
    if (end.kind === 'made') return { ...end, joined: false, storable: false };
    return end.kind === 'fault' ? unheld(end.fault, end.error) : { kind: 'left' };
  }

  function send(
    req: IncomingMessage,
    res: ServerResponse,
    identified: IdentifiedDelivery,
    { outcome, reader }: GuardedOutcome,
  ): void | Promise<void> {
    if (outcome.kind === 'left') return;
    if (outcome.kind === 'cached') return writeCached(req, res, outcome, aboutOf(req, identified));
    if (outcome.kind === 'made') return writeMade(req, res, outcome, { ...aboutOf(req, identified), reader });
    // Only here a crash or a timeout can be reported. Requests that joined the run would report the same one again.
    if (outcome.kind === 'failed' && outcome.source === 'run' && outcome.fault.class === 'transient') {
      onError(outcome.error);
    }
    const { delivery, bucket, target, tags } = identified;
    const asked = wants(req);
    const write = (placeholder?: PlaceholderBody): void => {
      const vary = bucket === undefined ? undefined : 'Accept';
      const about = { placeholder, placeholderStatus, tags: () => tags, vary };
      writeResponse(req, res, responseFor({ outcome, wants: asked, ...about }), writing);
    };
    if (outcome.kind !== 'failed' || asked === 'json') return write();
    const placeholder = placeholderFor(delivery, bucket, target.derivation);
    return placeholder instanceof Promise ? placeholder.then(write) : write(placeholder);
  }

  function aboutOf(req: IncomingMessage, { delivery, bucket, tags }: IdentifiedDelivery): DerivativeResponseOptions {
    const pinned = delivery.version !== undefined;
    return {
      pinned,
      negotiated: bucket !== undefined,
      isCached,
      isPrivate: isPrivate(req),
      tags,
      onError,
      onMadePrivate,
    };
  }

  return {
    respond,
    derive,
    recall(req, res, identified) {
      if (isPrivate(req)) return false;
      const known = guard.recall(identified);
      if (known === undefined) return false;
      if (known instanceof Promise) {
        return known.then(async (late) => {
          if (late === undefined) return false;
          await send(req, res, identified, { outcome: late });
          return true;
        });
      }
      const responding = send(req, res, identified, { outcome: known });
      return responding === undefined ? true : responding.then(() => true);
    },
    refuse(req, res, fault) {
      writeResponse(req, res, failureResponse({ outcome: unheld(fault), wants: wants(req), tags: () => [] }));
    },
  };
}

interface DeliveryRequest extends GuardRequest<Delivered> {
  /** Reads the derivative that another request's run streams. */
  reader: Readable | undefined;
}

interface GuardedOutcome {
  readonly outcome: Outcome<Delivered>;
  /** Reads the derivative while it is streamed and stored. */
  readonly reader?: Readable | undefined;
}

function guarded(outcome: Outcome<Delivered>, { reader }: DeliveryRequest): GuardedOutcome {
  return { outcome, reader: outcome.kind === 'made' ? (reader ?? outcome.value.draft?.read()) : reader };
}

function isPrivate({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined;
}

function errorOfRun({ fault, error }: Failed): unknown {
  return error ?? new TransformError(fault.code, fault.message);
}

function unheld(fault: Fault, error?: unknown): Failed {
  return { kind: 'failed', fault, failure: undefined, source: 'run', remainingMs: 0, storable: false, error };
}
