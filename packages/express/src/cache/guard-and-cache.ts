import { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Attempt, Cached, CachedRecord, CachedVariant, Derivatives, Outcome, Target } from '@safelight/core';
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
import { askHandler, type HandlerResult } from './handler-result.ts';
import { writeOwn, writeStreamed } from './live-response.ts';
import { baseOf, handBack, type ResponseBase } from './stand-in-message.ts';
import { storeResponse } from './store-response.ts';

export interface CacheOptions extends FreshnessOptions {}

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

/** Whether a cached variant may be used for this request. */
export function suitsRequest({ vary }: CachedVariant, { headers }: IncomingMessage): boolean {
  return vary === undefined || matchesVariant(headers, vary);
}

const maxUncacheable = 1000;
const uncacheableMs = 60_000;

/**
 * Runs a handler once for all clients, caches its response for as long as the response allows, and responds from the
 * cache. When a response turns out to be for one client only, the handler runs in place for a while, so that requests
 * do not wait for a response that they cannot use.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds what all requests of one handler share.
export function guardAndCache<Req extends IncomingMessage, Res extends ServerResponse>(
  { guard, callOf, fail }: GuardedHandler<Req, Res>,
  inPlace: GuardedResponder<Req, Res>,
  parts: CacheParts,
  options: CacheOptions,
): CachingGuard<Req, Res> {
  const { derivatives, clock, timeoutMs, onError, onMadePrivate } = parts;
  const asking = { derivatives, clock, idleMs: timeoutMs, freshnessOf: createFreshnessOf(options), onError };
  const writeCached = createCachedResponseWriter(parts);
  const uncacheableUntil = new LRUCache<string, number>({ max: maxUncacheable });

  return { respond: respondFromCache, writeCached };

  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the state of one request; its functions are short.
  function respondFromCache(target: Target, req: Req, res: Res, next: Next): void | Promise<void> {
    const suits = (variant: CachedVariant) => suitsRequest(variant, req);
    const select = (variants: CachedRecord['variants']) => variants.find(suits);
    const name = `${target.assets[0]} ${target.derivation}`;
    // The stand-in for a request is an HTTP/1.1 request.
    const hasStandIn = req instanceof IncomingMessage && res instanceof ServerResponse;
    if (!hasStandIn || (uncacheableUntil.get(name) ?? 0) > clock())
      return respondUncached(target, select, req, res, next);
    const call = callOf(target, req, res, next);
    let base: ResponseBase | undefined;
    let hasRun = false;
    let reader: Readable | undefined;

    function take(response: HandlerResult): boolean {
      if (response.kind === 'confirmed') return suits(response.variant);
      if (response.kind !== 'cacheable' || !matchesVariant(req.headers, response.facts.vary)) return false;
      reader = response.draft?.read();
      return reader !== undefined;
    }

    /** Requests with the same values in the fields that the response varies by share a run. */
    function shareKey(response: HandlerResult): string | undefined {
      if (response.kind !== 'cacheable' && response.kind !== 'confirmed') return undefined;
      const { vary = {} } = response.kind === 'cacheable' ? response.facts : response.variant;
      const mine = variantOf(req.headers, { headers: { vary: Object.keys(vary).join() } });
      return mine && JSON.stringify(mine);
    }

    function send(outcome: Cached): void {
      // The refresh in the background starts with the headers that this response had before it was written.
      if (outcome.state === 'refreshed') base ??= baseOf(res);
      writeCached(req, res, outcome);
    }

    async function finish(outcome: Outcome<HandlerResult>): Promise<void> {
      if (outcome.kind === 'cached') return send(outcome);
      if (hasResponded(res)) {
        reader?.destroy();
        if (outcome.kind === 'made' && !outcome.joined) discard(outcome.value);
        return;
      }
      if (outcome.kind === 'failed' || outcome.kind === 'busy') return fail(outcome, target, { req, res });
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
        // It was evicted meanwhile.
        if (cached === undefined) return unguarded(call.handler, req, res, next);
        return writeCached(req, res, {
          kind: 'cached',
          cached,
          variant,
          state: joined ? 'confirmed for all' : 'confirmed',
        });
      }
      const { body, draft, facts } = value;
      const source = draft === undefined ? body : (reader ?? draft.read());
      if (source === undefined) return unguarded(call.handler, req, res, next);
      const about = { now: clock(), onError, onMadePrivate };
      writeStreamed(req, res, { head: facts.head, source, joined, isCached: draft !== undefined, ...about });
    }

    function failed(error: unknown): void | Promise<void> {
      return hasRun || hasResponded(res) ? next(error) : unguarded(call.handler, req, res, next);
    }

    function run(attempt: Attempt): ReturnType<typeof askHandler> {
      hasRun = true;
      base ??= baseOf(res);
      return askHandler(call, base, attempt, asking);
    }

    try {
      const outcome = guard.handle<HandlerResult>({
        target,
        select,
        work: (attempt) => (attempt.isArriving ? onceArrived(attempt, res, run) : run(attempt)),
        take,
        shareKey,
        checksSuccess: true,
        isSuccess: (response) => response.kind !== 'next' && (response.kind !== 'own' || response.isSuccess),
        storeValue: (response, attempt) => storeResponse(response, attempt, asking),
        hasLeft: () => hasResponded(res),
        unclaimed: discard,
      });
      if (outcome instanceof Promise) return outcome.then(finish).catch(failed);
      return outcome.kind === 'cached' ? send(outcome) : finish(outcome);
    } catch (error) {
      return failed(error);
    }
  }

  /** From the cache, where a suitable response is there; otherwise by the handler, on the client's own connection. */
  async function respondUncached(
    target: Target,
    select: (variants: CachedRecord['variants']) => CachedVariant | undefined,
    ...[req, res, next]: [Req, Res, Next]
  ): Promise<void> {
    const known = await Promise.resolve(guard.recall({ target, select })).catch(() => undefined);
    if (known?.kind === 'cached') return writeCached(req, res, known);
    return inPlace({ ...target, isCached: false }, req, res, next);
  }
}

/** No request uses the response: for the handler it looks as if its client had disconnected. */
function discard(response: HandlerResult): void {
  if (response.kind === 'own') response.standIn.body.destroy();
  else if (response.kind === 'cacheable' && response.draft === undefined) response.body.destroy();
}
