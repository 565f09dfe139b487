import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attempt, abandoned, type CachedVariant, type Derivatives, type Draft } from '@safelight/core';
import type { Freshness, FreshnessOf, ResponseHead, ResponseTimes } from '@safelight/http';
import { deliveryHeaders, freshenedHead, revalidationHeaders, storedHeaders, variantOf } from '@safelight/http';
import type { HandlerCall } from '../guard/run-handler.ts';
import { type CachedResponseHead, headOfCached, untilOf } from './cached-response.ts';
import { runOnStandIn } from './run-on-stand-in.ts';
import type { StandIn } from './stand-in.ts';
import type { ResponseBase } from './stand-in-message.ts';
import type { WireHead } from './wire-reader.ts';

/** The result of running a handler on a stand-in. */
export type HandlerResult =
  /** A response that may be cached; `draft` is set as soon as it is being stored. */
  | { readonly kind: 'cacheable'; readonly facts: CacheableResponse; readonly body: StandIn['body']; draft?: Draft }
  /** The handler has confirmed the cached response with a 304. */
  | { readonly kind: 'confirmed'; readonly variant: CachedVariant }
  /** A response for the one request that the handler ran for. */
  | {
      readonly kind: 'own';
      readonly wire: WireHead;
      readonly standIn: StandIn;
      readonly isSuccess: boolean;
      /** Whether the handler caused that, so that the next request will get a response of this kind too. */
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
}

/**
 * Runs a handler on a stand-in, for all clients, and resolves with its response as soon as the head is there.
 * @param base - what was on the response before anything was written
 * @throws the fault of a failure, as `HandlerRun.end` does
 */
export async function askHandler<Req extends IncomingMessage, Res extends ServerResponse>(
  call: HandlerCall<Req, Res>,
  base: ResponseBase,
  attempt: Attempt,
  options: HandlerResultOptions,
): Promise<HandlerResult | typeof abandoned> {
  const stale = attempt.stale === undefined ? undefined : await openStaleResponse(options.derivatives, attempt.stale);
  return ask({ call, base, attempt }, stale, options);
}

/** A cached response that is no longer fresh. */
interface StaleResponse {
  readonly variant: CachedVariant;
  readonly head: CachedResponseHead;
}

interface HandlerQuestion<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly call: HandlerCall<Req, Res>;
  readonly base: ResponseBase;
  readonly attempt: Attempt;
}

async function ask<Req extends IncomingMessage, Res extends ServerResponse>(
  run: HandlerQuestion<Req, Res>,
  stale: StaleResponse | undefined,
  options: HandlerResultOptions,
): Promise<HandlerResult | typeof abandoned> {
  const { call, base, attempt } = run;
  const { freshnessOf, clock, onError } = options;
  const asked = call.req.headers;
  const requestedAt = clock();
  const added = stale === undefined ? {} : { ...revalidationHeaders(stale.head) };
  const end = await runOnStandIn(call, { base, added, attempt, onError });
  if (end === abandoned) return abandoned;
  const { standIn, passed } = end;
  if (passed === 'next') return { kind: 'next', standIn, error: end.error };
  const wire = await standIn.head;
  const said = responseHeadOf(wire);
  const response = besideCookies(said, base);
  const times = { requestedAt, respondedAt: clock() };
  if (response.status === 304 && stale !== undefined) {
    standIn.body.resume();
    const variant = confirmedVariant(stale, besideBase(response, base), { asked, times, freshnessOf });
    if (variant !== undefined) return { kind: 'confirmed', variant };
    // The 304 is about another response than the cached one, or forbids to store it: run for the whole response.
    return ask(run, undefined, options);
  }
  const isSuccess = passed === 'success';
  const freshness = isSuccess ? freshnessFor(asked, response, times, freshnessOf) : undefined;
  const vary = variantOf(asked, response);
  if (freshness === undefined || vary === undefined) {
    // A `no-store` or a very long `Accept` in one request must not exclude all others from the cache.
    const isUncacheable = isSuccess && freshnessFor({}, response, times, freshnessOf) === undefined;
    return { kind: 'own', wire, standIn, isSuccess, isUncacheable };
  }
  const head = {
    status: response.status,
    headers: storedHeaders(besideBase(response, base), times.respondedAt),
    removed: Object.keys(base.headers).filter((name) => !(name in said.headers) || decides(name, response, base)),
    freshness,
  };
  return { kind: 'cacheable', facts: { head, vary }, body: standIn.body };
}

/** What the reuse of a response depends on, beside the response itself. */
interface ReuseFacts {
  readonly asked: IncomingMessage['headers'];
  readonly times: ResponseTimes;
  readonly freshnessOf: FreshnessOf;
}

/** The cached variant, with the fields of the 304 that confirms it (RFC 9111 section 4.3.4). */
function confirmedVariant(
  stale: StaleResponse,
  notModified: ResponseHead,
  { asked, times, freshnessOf }: ReuseFacts,
): CachedVariant | undefined {
  const freshened = freshenedHead(stale.head, notModified, times.respondedAt);
  const freshness = freshened && freshnessOf(asked, freshened, times);
  const vary = freshened && variantOf(asked, freshened);
  if (freshness === undefined || vary === undefined) return undefined;
  const head = { ...freshened, removed: stale.head.removed, freshness };
  return { ...stale.variant, ...untilOf(freshness), vary, head: { ...head } };
}

/** A response that announces trailers is sent with them and not cached, because trailers are not stored. */
function freshnessFor(
  asked: IncomingMessage['headers'],
  response: ResponseHead,
  times: ResponseTimes,
  freshnessOf: FreshnessOf,
): Freshness | undefined {
  return response.headers['trailer'] === undefined ? freshnessOf(asked, response, times) : undefined;
}

async function openStaleResponse(derivatives: Derivatives, variant: CachedVariant): Promise<StaleResponse | undefined> {
  const cached = await derivatives.open(variant.name);
  cached?.release();
  return cached === undefined ? undefined : { variant, head: headOfCached(cached, variant) };
}

export function responseHeadOf({ status, headers: lines }: WireHead): ResponseHead {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    const before = headers[key];
    if (before === undefined) headers[key] = value;
    else headers[key] = [...(typeof before === 'string' ? [before] : before), value];
  }
  return { status, headers };
}

/** The cookies that the application has set before the handler belong to one client, and not to the response. */
function besideCookies(response: ResponseHead, { headers: base }: ResponseBase): ResponseHead {
  const { 'set-cookie': cookies, ...headers } = response.headers;
  return cookies !== undefined && hasSameValue(base['set-cookie'], cookies) ? { ...response, headers } : response;
}

/** The fields that the handler has set itself. Middleware sets the others again on every response. */
function besideBase(response: ResponseHead, { headers: base }: ResponseBase): ResponseHead {
  const own = Object.entries(response.headers).filter(([name, value]) => !hasSameValue(base[name], value));
  return { ...response, headers: Object.fromEntries(own) };
}

const accessNames = new Set(Object.keys(deliveryHeaders).map((name) => name.toLowerCase()));

/** Whether the handler has set another value of an access field than the application; then the handler's counts. */
function decides(name: string, { headers }: ResponseHead, { headers: base }: ResponseBase): boolean {
  const own = headers[name];
  return accessNames.has(name) && own !== undefined && !hasSameValue(base[name], own);
}

function hasSameValue(a: unknown, b: string | readonly string[]): boolean {
  return typeof b === 'string' ? String(a) === b : Array.isArray(a) && a.join('\n') === b.join('\n');
}
