import { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  Attempt,
  Cached,
  CachedVariant,
  Derivatives,
  FieldValues,
  MatchesFields,
  Outcome,
  Target,
} from '@safelight/core';
import {
  createFreshnessOf,
  type FreshnessOptions,
  hasResponded,
  matchesVariant,
  type Next,
  variantOf,
} from '@safelight/http';
import { LRUCache } from 'lru-cache';
import { type GuardedHandler, type GuardedResponder, unguarded } from '../guard/guard-in-place.ts';
import { onceArrived } from '../guard/once-arrived.ts';
import { type CachedResponseWriter, createCachedResponseWriter } from './cached-response.ts';
import { createFailureResponder, endStandIn } from './failed-stand-in.ts';
import { type HandlerResult, resultOfHandler } from './handler-result.ts';
import { writeOwn, writeStreamed } from './live-response.ts';
import type { FailedStandIn } from './run-on-stand-in.ts';
import { handBack, type InitialHead, initialHeadOf } from './stand-in-message.ts';
import { storeResponse } from './store-response.ts';

export interface CacheParts {
  readonly derivatives: Derivatives;
  readonly clock: () => number;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}

export interface CachingGuard<Req, Res> {
  readonly respond: GuardedResponder<Req, Res>;
  readonly writeCached: CachedResponseWriter;
}

const maxUncacheable = 1000;
/** How long requests run the handler in place after a response that was not cacheable. */
const uncacheableMs = 60_000;

/**
 * Runs a handler once for all clients, caches its response for as long as the response allows, and serves requests from
 * the cache. After a response that is for one client only, the handler runs in place for a minute, so that requests do
 * not wait for a response that they cannot use.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it holds the state of all requests.
export function guardAndCache<Req extends IncomingMessage, Res extends ServerResponse>(
  { guard, callOf, fail }: GuardedHandler<Req, Res>,
  inPlace: GuardedResponder<Req, Res>,
  parts: CacheParts,
  options: FreshnessOptions,
): CachingGuard<Req, Res> {
  const { derivatives, clock, timeoutMs, onError, onMadePrivate } = parts;
  const resultOptions = { derivatives, clock, idleMs: timeoutMs, freshnessOf: createFreshnessOf(options), onError };
  const writeCached = createCachedResponseWriter(parts);
  const respondToFailure = createFailureResponder({ fail, clock, onError, onMadePrivate });
  const uncacheableUntil = new LRUCache<string, number>({ max: maxUncacheable });

  return { respond: respondFromCache, writeCached };

  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: it holds the state of one request.
  function respondFromCache(target: Target, req: Req, res: Res, next: Next): void | Promise<void> {
    const matches = (values: FieldValues) => matchesVariant(req.headers, values);
    const suits = ({ vary }: CachedVariant) => vary === undefined || matches(vary);
    const name = `${target.assets[0]} ${target.derivation} ${target.variant}`;
    // A stand-in can only replace messages of HTTP/1.
    const canStandIn = req instanceof IncomingMessage && res instanceof ServerResponse;
    if (!canStandIn || (uncacheableUntil.get(name) ?? 0) > clock())
      return respondUncached(target, matches, req, res, next);
    const call = callOf(target, req, res, next);
    let initial: InitialHead | undefined;
    let hasRun = false;
    let reader: Readable | undefined;
    let failedStandIn: FailedStandIn | undefined;

    /** Whether this request can use the result of another request's run. */
    function take(result: HandlerResult): boolean {
      if (result.kind === 'confirmed') return suits(result.variant);
      if (result.kind !== 'cacheable' || !matchesVariant(req.headers, result.response.vary)) return false;
      reader = result.draft?.read();
      return reader !== undefined;
    }

    /** Requests that cannot use the result share a further run if the fields that it varies by have the same values. */
    function shareKey(result: HandlerResult): string | undefined {
      if (result.kind !== 'cacheable' && result.kind !== 'confirmed') return undefined;
      const { vary = {} } = result.kind === 'cacheable' ? result.response : result.variant;
      const requestVary = variantOf(req.headers, { headers: { vary: Object.keys(vary).join() } });
      return requestVary && JSON.stringify(requestVary);
    }

    function send(outcome: Cached): void {
      // The refresh in the background begins with the headers that this response had before it was written.
      if (outcome.state === 'refreshed') initial ??= initialHeadOf(res);
      writeCached(req, res, outcome);
    }

    async function finish(outcome: Outcome<HandlerResult>): Promise<void> {
      if (outcome.kind === 'cached') return send(outcome);
      if (hasResponded(res)) {
        reader?.destroy();
        if (failedStandIn !== undefined) endStandIn(failedStandIn);
        if (outcome.kind === 'made' && !outcome.joined) discard(outcome.value);
        return;
      }
      if (outcome.kind === 'failed' || outcome.kind === 'busy')
        return respondToFailure(outcome, target, { req, res, next }, failedStandIn);
      if (outcome.kind === 'left') return;
      const { value, joined } = outcome;
      if (value.kind === 'next') {
        handBack(value.standIn, req, res);
        return next(value.error);
      }
      if (value.kind === 'own') {
        if (value.isUncacheable) uncacheableUntil.set(name, clock() + uncacheableMs);
        return writeOwn(req, res, value, { now: clock(), onError, onMadePrivate });
      }
      if (value.kind === 'confirmed') {
        const { variant } = value;
        const cached = await derivatives.open(variant.name);
        // The bytes were evicted meanwhile.
        if (cached === undefined) return unguarded(call.handler, req, res, next);
        return writeCached(req, res, {
          kind: 'cached',
          cached,
          variant,
          state: joined ? 'confirmed for all' : 'confirmed',
        });
      }
      const { body, draft, response } = value;
      const source = draft === undefined ? body : (reader ?? draft.read());
      if (source === undefined) return unguarded(call.handler, req, res, next);
      const writing = { now: clock(), onError, onMadePrivate };
      writeStreamed(req, res, { head: response.head, source, joined, isStored: draft !== undefined, ...writing });
    }

    function failed(error: unknown): void | Promise<void> {
      return hasRun || hasResponded(res) ? next(error) : unguarded(call.handler, req, res, next);
    }

    function run(attempt: Attempt): ReturnType<typeof resultOfHandler> {
      hasRun = true;
      initial ??= initialHeadOf(res);
      const onFailed = (failure: FailedStandIn) => {
        failedStandIn = failure;
      };
      return resultOfHandler(call, initial, attempt, { ...resultOptions, onFailed });
    }

    try {
      const outcome = guard.handle<HandlerResult>({
        target,
        matches,
        work: (attempt) => (attempt.isArriving ? onceArrived(attempt, res, run) : run(attempt)),
        take,
        shareKey,
        checksSuccess: true,
        isSuccess: (result) => result.kind !== 'next' && (result.kind !== 'own' || result.isSuccess),
        storeValue: (result, attempt) => storeResponse(result, attempt, resultOptions),
        hasLeft: () => hasResponded(res),
        unclaimed: discard,
      });
      if (outcome instanceof Promise) return outcome.then(finish).catch(failed);
      return outcome.kind === 'cached' ? send(outcome) : finish(outcome).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** Responds with a suitable cached response; without one, the handler runs on the client's own connection. */
  async function respondUncached(
    target: Target,
    matches: MatchesFields,
    ...[req, res, next]: [Req, Res, Next]
  ): Promise<void> {
    const remembered = await Promise.resolve(guard.recall({ target, matches })).catch(() => undefined);
    if (remembered?.kind === 'cached') return writeCached(req, res, remembered);
    return inPlace({ ...target, isCached: false }, req, res, next);
  }
}

/** No request uses the response. For the handler this looks like a client that disconnects. */
function discard(result: HandlerResult): void {
  if (result.kind === 'own') result.standIn.body.destroy();
  else if (result.kind === 'cacheable' && result.draft === undefined) result.body.destroy();
}
