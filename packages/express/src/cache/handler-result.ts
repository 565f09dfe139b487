import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attempt, abandoned, type CachedVariant, type Derivatives, type Draft } from '@safelight/core';
import type { Freshness, FreshnessOf, ResponseHead, ResponseTimes } from '@safelight/http';
import { deliveryHeaders, freshenedHead, revalidationHeaders, storedHeaders, variantOf } from '@safelight/http';
import type { HandlerCall } from '../guard/handler-call.ts';
import { type CachedResponseHead, headOfCached, instantsOf } from './cached-response.ts';
import { fieldsForAll, fieldsForReuse } from './reuse-fields.ts';
import { type FailedStandIn, runOnStandIn } from './run-on-stand-in.ts';
import type { StandIn } from './stand-in.ts';
import type { InitialHead } from './stand-in-message.ts';
import type { WireHead } from './wire-reader.ts';

/** The result of running a handler on a stand-in. */
export type HandlerResult =
  /** A response that may be cached. `draft` is set when storing it begins. */
  | { readonly kind: 'cacheable'; readonly response: CacheableResponse; readonly body: StandIn['body']; draft?: Draft }
  /** The handler has confirmed the cached response with a 304. */
  | { readonly kind: 'confirmed'; readonly variant: CachedVariant }
  /** A response for the one request that the handler ran for. */
  | {
      readonly kind: 'own';
      readonly wire: WireHead;
      readonly standIn: StandIn;
      readonly isSuccess: boolean;
      /** Whether the response itself forbids to cache it, so that the next response will probably do so too. */
      readonly isUncacheable: boolean;
    }
  /** The handler passed the request on. */
  | { readonly kind: 'next'; readonly standIn: StandIn; readonly error: unknown };

export interface CacheableResponse {
  readonly head: CachedResponseHead;
  readonly vary: NonNullable<CachedVariant['vary']>;
}

export interface HandlerResultOptions {
  readonly derivatives: Derivatives;
  readonly freshnessOf: FreshnessOf;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  readonly onFailed: (failed: FailedStandIn) => void;
}

/**
 * Runs a handler on a stand-in for all clients. Resolves as soon as the head of its response is complete.
 * @param initial - the client's response before the handler ran
 * @throws {Error} of a failure, as `HandlerRun.end` does
 */
export async function resultOfHandler<Req extends IncomingMessage, Res extends ServerResponse>(
  call: HandlerCall<Req, Res>,
  initial: InitialHead,
  attempt: Attempt,
  options: HandlerResultOptions,
): Promise<HandlerResult | typeof abandoned> {
  const stale = attempt.stale === undefined ? undefined : await openStaleResponse(options.derivatives, attempt.stale);
  return runHandler({ call, initial, attempt }, stale, options);
}

/** A cached response that is no longer fresh. */
interface StaleResponse {
  readonly variant: CachedVariant;
  readonly head: CachedResponseHead;
}

interface RunInput<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly call: HandlerCall<Req, Res>;
  readonly initial: InitialHead;
  readonly attempt: Attempt;
}

async function runHandler<Req extends IncomingMessage, Res extends ServerResponse>(
  input: RunInput<Req, Res>,
  stale: StaleResponse | undefined,
  options: HandlerResultOptions,
): Promise<HandlerResult | typeof abandoned> {
  const { call, initial, attempt } = input;
  const { freshnessOf, clock, onError, onFailed } = options;
  const requestHeaders = fieldsForReuse(call);
  const requestedAt = clock();
  const addedHeaders = stale === undefined ? {} : { ...revalidationHeaders(stale.head) };
  const end = await runOnStandIn(call, { initial, addedHeaders, attempt, onError, onFailed });
  if (end === abandoned) return abandoned;
  const { standIn, passed } = end;
  if (passed === 'next') return { kind: 'next', standIn, error: end.error };
  const wire = await standIn.head;
  const written = responseHeadOf(wire);
  const response = withoutInitialCookies(written, initial);
  const times = { requestedAt, respondedAt: clock() };
  if (response.status === 304 && stale !== undefined) {
    standIn.body.resume();
    const notModified = withoutInitial(response, initial);
    const variant = confirmedVariant(stale, notModified, { requestHeaders, times, freshnessOf });
    if (variant !== undefined) return { kind: 'confirmed', variant };
    // The 304 is about another response than the cached one, or forbids to store it. Run again, without conditions.
    return runHandler(input, undefined, options);
  }
  const isSuccess = passed === 'success';
  const freshness = isSuccess ? freshnessFor(requestHeaders, response, times, freshnessOf) : undefined;
  const vary = variantOf(requestHeaders, response);
  if (freshness === undefined || vary === undefined) {
    // A `no-store` or a very long `Accept` in one request must not exclude all others from the cache.
    const isUncacheable =
      isSuccess && freshnessFor(fieldsForAll(requestHeaders), response, times, freshnessOf) === undefined;
    return { kind: 'own', wire, standIn, isSuccess, isUncacheable };
  }
  const head = {
    status: response.status,
    headers: storedHeaders(withoutInitial(response, initial), times.respondedAt),
    removed: Object.keys(initial.headers).filter(
      (name) => !(name in written.headers) || overridesAccess(name, response, initial),
    ),
    freshness,
  };
  return { kind: 'cacheable', response: { head, vary }, body: standIn.body };
}

/** The inputs of a decision about the reuse of a response, besides the response itself. */
interface ReuseContext {
  readonly requestHeaders: IncomingMessage['headers'];
  readonly times: ResponseTimes;
  readonly freshnessOf: FreshnessOf;
}

/** Updates a cached variant with the fields of the 304 that confirms it (RFC 9111 section 4.3.4). */
function confirmedVariant(
  stale: StaleResponse,
  notModified: ResponseHead,
  { requestHeaders, times, freshnessOf }: ReuseContext,
): CachedVariant | undefined {
  const freshened = freshenedHead(stale.head, notModified, times.respondedAt);
  const freshness = freshened && freshnessOf(requestHeaders, freshened, times);
  const vary = freshened && variantOf(requestHeaders, freshened);
  if (freshness === undefined || vary === undefined) return undefined;
  const head = { ...freshened, removed: stale.head.removed, freshness };
  return { ...stale.variant, ...instantsOf(freshness), vary, head: { ...head } };
}

/** A response that announces trailers is not cached, because trailers are not stored. */
function freshnessFor(
  requestHeaders: IncomingMessage['headers'],
  response: ResponseHead,
  times: ResponseTimes,
  freshnessOf: FreshnessOf,
): Freshness | undefined {
  return response.headers['trailer'] === undefined ? freshnessOf(requestHeaders, response, times) : undefined;
}

async function openStaleResponse(derivatives: Derivatives, variant: CachedVariant): Promise<StaleResponse | undefined> {
  const cached = await derivatives.open(variant.name);
  cached?.release();
  return cached === undefined ? undefined : { variant, head: headOfCached(cached, variant) };
}

/** Collects header lines by their names in lower case. */
export function responseHeadOf({ status, headers: lines }: WireHead): ResponseHead {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    const previous = headers[key];
    if (previous === undefined) headers[key] = value;
    else if (typeof previous === 'string') headers[key] = [previous, value];
    else previous.push(value);
  }
  return { status, headers };
}

/** Cookies that the application set before the handler ran belong to one client, and not to the response. */
function withoutInitialCookies(response: ResponseHead, initial: InitialHead): ResponseHead {
  const { 'set-cookie': cookies, ...headers } = response.headers;
  const isInitial = cookies !== undefined && hasSameValue(initial.headers['set-cookie'], cookies);
  return isInitial ? { ...response, headers } : response;
}

/** Keeps the fields that the handler itself has set. Middleware sets the others again on every response. */
function withoutInitial(response: ResponseHead, initial: InitialHead): ResponseHead {
  const own = Object.entries(response.headers).filter(([name, value]) => !hasSameValue(initial.headers[name], value));
  return { ...response, headers: Object.fromEntries(own) };
}

const accessNames = new Set(Object.keys(deliveryHeaders).map((name) => name.toLowerCase()));

/** Whether the handler has replaced the application's value of an access field. Then the handler's value counts. */
function overridesAccess(name: string, { headers }: ResponseHead, initial: InitialHead): boolean {
  const own = headers[name];
  return accessNames.has(name) && own !== undefined && !hasSameValue(initial.headers[name], own);
}

function hasSameValue(a: unknown, b: string | readonly string[]): boolean {
  return typeof b === 'string' ? String(a) === b : Array.isArray(a) && a.join('\n') === b.join('\n');
}
