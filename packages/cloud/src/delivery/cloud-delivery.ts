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
  type Remembered,
  TransformError,
} from '@safelight/core';
import { clientAddress } from '@safelight/http';
import type { Delivery } from '@safelight/protocol';
import type { Deliver, Delivered } from './deliver.ts';
import { type DerivativeResponseOptions, writeCached, writeMade } from './derivative-response.ts';
import { createFailedDelivery, type FailedDeliveryOptions, type FailedRequest } from './failed-delivery.ts';
import { type IdentifiedDelivery, identifyDelivery } from './identify.ts';
import { type DerivativeHead, type StoredDerivative, storeDerivative } from './stored-derivative.ts';
import { targetsOfDerivative } from './targets-of-derivative.ts';

export interface CloudDeliveryOptions extends FailedDeliveryOptions {
  readonly guard: Guard;
  readonly deliver: Deliver;
  readonly derivatives: Derivatives;
  /** Whether derivatives are cached. */
  readonly isCached: boolean;
  /** `Target.epoch` of all deliveries. */
  readonly epoch: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly timeoutMs: number;
  /** Called when a derivative was stored. */
  readonly onStored?: ((stored: StoredDerivative) => void) | undefined;
}

/** Responds to the delivery URLs of a cloud. */
export interface CloudDelivery {
  respond(exchange: Exchange, identified: IdentifiedDelivery): void | Promise<void>;
  /**
   * Responds without running the handler, synchronously when all data is in memory.
   * @returns `false` when it cannot respond; the request and the response are then unchanged
   */
  recall(req: IncomingMessage, res: ServerResponse, identified: IdentifiedDelivery): boolean | Promise<boolean>;
  /**
   * Makes and caches a derivative before the first request for it.
   * @throws {TransformError} when it cannot be made, or the error of the handler
   */
  derive(delivery: Delivery): Promise<Derivative>;
  /**
   * Removes a derivative from the cache, for all URLs that show it. Its next request makes it again.
   * @param delivery - with the format of the derivative, and the version that it was made of
   */
  forget(delivery: Delivery): Promise<void>;
  /** Refuses a URL that `identify` could not read. */
  refuse(exchange: Exchange, fault: Fault): void;
}

/** A request, with the way to the application's error handlers. */
export type Exchange = Omit<FailedRequest, 'identified'>;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds what all requests of one cloud share; its functions are short.
export function createCloudDelivery(options: CloudDeliveryOptions): CloudDelivery {
  const { guard, deliver, errors, derivatives, isCached, epoch, clock, timeoutMs, onError, onMadePrivate } = options;
  const storing = { derivatives, clock, idleMs: timeoutMs, onStored: options.onStored };
  const failed = createFailedDelivery(options);

  function respond(exchange: Exchange, identified: IdentifiedDelivery): void | Promise<void> {
    const request = requestOf(identified, exchange.req);
    const outcome = guard.handle(request);
    return outcome instanceof Promise
      ? outcome.then((awaited) => send(exchange, identified, withReader(awaited, request)))
      : send(exchange, identified, withReader(outcome, request));
  }

  /** @param req - the request that waits for the derivative; `undefined` when no client waits */
  function requestOf({ delivery, bucket, target }: IdentifiedDelivery, req?: IncomingMessage): DeliveryRequest {
    const request: DeliveryRequest = {
      target,
      clientOf: () => req && clientAddress(req),
      reader: undefined,
      work: (attempt) => deliver(delivery, bucket, attempt),
      take({ derivative, draft }) {
        request.reader = draft?.read();
        return request.reader !== undefined || derivative.read !== undefined || Buffer.isBuffer(derivative.body);
      },
      checksSuccess: true,
      storeValue: (delivered, attempt) => storeDerivative(delivered, attempt, { ...storing, delivery }),
    };
    return request;
  }

  async function derive(delivery: Delivery): Promise<Derivative> {
    const request = requestOf(identifyDelivery(delivery, undefined, { isCached, epoch }));
    const { outcome, reader } = withReader(await guard.handle(request), request);
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
      : new TransformError('busy', 'Too many requests wait for the same derivative.');
  }

  function send(
    exchange: Exchange,
    identified: IdentifiedDelivery,
    { outcome, reader }: GuardedOutcome,
  ): void | Promise<void> {
    const { req, res } = exchange;
    if (outcome.kind === 'left') return;
    if (outcome.kind === 'cached') return writeCached(req, res, outcome, optionsOf(identified));
    if (outcome.kind === 'made') return writeMade(req, res, outcome, { ...optionsOf(identified), reader });
    return failed.respond(outcome, { ...exchange, identified });
  }

  function optionsOf({ delivery, bucket, tags, isPinned, attachment }: IdentifiedDelivery): DerivativeResponseOptions {
    const fileName = attachment === '' ? delivery.publicId.slice(delivery.publicId.lastIndexOf('/') + 1) : attachment;
    const negotiated = bucket !== undefined;
    return { pinned: isPinned, negotiated, isCached, tags, fileName, onError, onMadePrivate };
  }

  return {
    respond,
    derive,
    async forget(delivery) {
      for (const target of targetsOfDerivative(delivery, { isCached, epoch })) await guard.forget(target);
    },
    recall(req, res, identified) {
      const exchange = { req, res, next: noNext };
      // The listener responds before the application runs, so it cannot call the application's error handlers.
      const uses = ({ kind }: Remembered) => kind === 'cached' || errors === 'safelight';
      const recalled = guard.recall({ ...identified, uses });
      if (recalled === undefined) return false;
      if (recalled instanceof Promise) {
        return recalled.then(async (outcome) => {
          if (outcome === undefined) return false;
          await send(exchange, identified, { outcome });
          return true;
        });
      }
      const responding = send(exchange, identified, { outcome: recalled });
      return responding === undefined ? true : responding.then(() => true);
    },
    refuse: (exchange, fault) => failed.refuse(fault, exchange),
  };
}

function noNext(): void {}

interface DeliveryRequest extends GuardRequest<Delivered> {
  /** Reads the derivative while the run of another request streams it. */
  reader: Readable | undefined;
}

interface GuardedOutcome {
  readonly outcome: Outcome<Delivered>;
  /** Reads the derivative while it is streamed and stored. */
  readonly reader?: Readable | undefined;
}

function withReader(outcome: Outcome<Delivered>, { reader }: DeliveryRequest): GuardedOutcome {
  return { outcome, reader: outcome.kind === 'made' ? (reader ?? outcome.value.draft?.read()) : reader };
}

function errorOfRun({ fault, error }: Failed): unknown {
  return error ?? new TransformError(fault.code, fault.message);
}
