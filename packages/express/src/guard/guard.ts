import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Derivatives, Guard, Target } from '@safelight/core';
import { type EarlyResponder, early, hasResponded, lastNext, type Next, type RequestHandler } from '@safelight/http';
import { checkOptions } from '@safelight/protocol';
import { guardAndCache } from '../cache/guard-and-cache.ts';
import { invalidateBeforeResponse, mayInvalidate } from '../cache/invalidate-before-response.ts';
import type { FailureWriterOptions } from './failure-writer.ts';
import { guardInPlace, isWithinRun, unguarded } from './guard-in-place.ts';
import type { GuardRouteOptions } from './guard-route-options.ts';
import { checkHandler, guardRules } from './guard-rules.ts';
import { guardedHandlerOf } from './guarded-handler.ts';
import { createIdentifier, type IdentifierParts, namedAsset } from './identify-target.ts';
import { mayLead } from './may-lead.ts';
import { createRecall } from './recall.ts';
import { sharingOf } from './sharing.ts';

export interface GuardRouteParts extends Omit<FailureWriterOptions, 'vary'>, IdentifierParts {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly derivatives: Derivatives;
  readonly timeoutMs: number;
}

export interface GuardRoute<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly handler: RequestHandler<Req, Res>;
  /** Responds before the application does; `undefined` when the `early` option is off. */
  readonly early: EarlyResponder | undefined;
}

/**
 * Puts the guard around one handler.
 * @param modes - `nextIsHandler`: the handlers that follow do the work, so a call of `next` is not the end of the run
 * @throws {TypeError} when the handler is not a function, an option cannot work, or `middleware()` is given `cache`
 */
export function guardRoute<Req extends IncomingMessage, Res extends ServerResponse>(
  parts: GuardRouteParts,
  handler: RequestHandler<Req, Res>,
  options: GuardRouteOptions<Req>,
  modes: { readonly nextIsHandler: boolean },
): GuardRoute<Req, Res> {
  const where = modes.nextIsHandler ? 'middleware()' : 'guard()';
  checkHandler(where, handler);
  checkOptions<GuardRouteOptions<Req>>(where, options, guardRules);
  const { guard, onError } = parts;
  const { cache = false, freeOnWrite = false, early: earlyOption = false } = options;
  const { vary } = sharingOf(options);
  if (cache !== false && modes.nextIsHandler) {
    throw new TypeError(
      'middleware() cannot cache, because it is not given the handler. Use guard(handler, { cache: true }).',
    );
  }
  const { targetOf, targetOfUri } = createIdentifier(parts, options);
  const guarded = guardedHandlerOf(parts, handler, options, modes);
  const inPlace = guardInPlace(guarded);
  const caching = cache === false ? undefined : guardAndCache(guarded, inPlace, parts, cache === true ? {} : cache);
  const respond = caching?.respond ?? inPlace;

  const { fail, needsNext } = guarded;
  const recall = createRecall({ guard, fail, needsNext, writeCached: caching?.writeCached });

  /** Frees what is stored for the URI of an unsafe request before its response is sent, if that is a success. */
  function freeAfterWrite(req: Req, res: Res): void {
    if (!(freeOnWrite || caching !== undefined) || !mayInvalidate(req.method)) return;
    const written = targetOfUri(req);
    if (written === undefined) return;
    invalidateBeforeResponse(req, res, () =>
      freeOnWrite ? guard.changed(namedAsset(written)) : guard.forget(written).catch(onError),
    );
  }

  function safelightGuard(req: Req, res: Res, next: Next = lastNext(req, res, onError)): unknown {
    let target: Target | undefined;
    try {
      target = targetOf(req);
      if (target === undefined) freeAfterWrite(req, res);
    } catch (error) {
      // A function of the options has thrown, so the error goes to the error handlers of the application.
      return next(error);
    }
    // When guards for the same target are nested, only the outer guard acts.
    if (target === undefined || isWithinRun(res, guard, target)) return handler(req, res, next);
    const responding = (mayLead(req, vary) ? respond : respondWithoutRun)(target, req, res, next);
    // Express 4 and plain `node:http` ignore a returned promise, and an unhandled rejection would end the process.
    return responding instanceof Promise ? responding.catch(next) : responding;
  }

  /** Sends what is held or cached; otherwise the handler runs as it would without the guard. */
  async function respondWithoutRun(target: Target, req: Req, res: Res, next: Next): Promise<void> {
    try {
      if (await recall(target, req, res, next)) return;
    } catch (error) {
      // A fault of the guard must not fail the request, unless it came after the response had begun.
      if (hasResponded(res)) return next(error);
    }
    return unguarded(handler, req, res, next);
  }

  function respondEarly(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    let target: Target | undefined;
    try {
      target = targetOf(req as Req);
    } catch {
      // The same function throws again when the request comes to the guard. That error is passed to `next`.
      return false;
    }
    return target !== undefined && recall(target, req, res);
  }

  return { handler: safelightGuard, early: earlyOption === false ? undefined : early(respondEarly, earlyOption) };
}
