import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attempt, abandoned, type Derivatives, type Draft, type KeptVariant } from '@safelight/core';
import type { AnswerHead, AnswerTimes, Lives, LivesOf } from '@safelight/http';
import { deliveryHeaders, freshenedHead, keptHeaders, revalidationHeaders, variantOf } from '@safelight/http';
import type { HandlerCall } from '../guard/run-handler.ts';
import { headOfKept, type KeptAnswerHead, untilOf } from './kept-answer.ts';
import { runOnStandIn } from './run-on-stand-in.ts';
import type { StandIn } from './stand-in.ts';
import type { ResponseBase } from './stand-in-message.ts';
import type { WireHead } from './wire-reader.ts';

/** The result of running a handler on a stand-in. */
export type HandlerAnswer =
  /** A response that may be cached; `draft` is set as soon as it is being stored. */
  | { readonly kind: 'keepable'; readonly facts: Keepable; readonly body: StandIn['body']; draft?: Draft }
  /** The handler has confirmed the cached response with a 304. */
  | { readonly kind: 'confirmed'; readonly variant: KeptVariant }
  /** A response for the one request that the handler ran for. */
  | {
      readonly kind: 'own';
      readonly wire: WireHead;
      readonly standIn: StandIn;
      readonly isSuccess: boolean;
      /** Whether the handler caused that, so that the next request will get a response of this kind too. */
      readonly isUnkeepable: boolean;
    }
  /** The handler passed the request on. */
  | { readonly kind: 'next'; readonly standIn: StandIn; readonly error: unknown };

export interface Keepable {
  readonly head: KeptAnswerHead;
  readonly vary: NonNullable<KeptVariant['vary']>;
}

export interface HandlerAnswerOptions {
  readonly derivatives: Derivatives;
  readonly livesOf: LivesOf;
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
  options: HandlerAnswerOptions,
): Promise<HandlerAnswer | typeof abandoned> {
  const stale = attempt.stale === undefined ? undefined : await staleAnswer(options.derivatives, attempt.stale);
  return ask({ call, base, attempt }, stale, options);
}

/** A cached response that is no longer fresh. */
interface StaleAnswer {
  readonly variant: KeptVariant;
  readonly head: KeptAnswerHead;
}

interface HandlerQuestion<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly call: HandlerCall<Req, Res>;
  readonly base: ResponseBase;
  readonly attempt: Attempt;
}

async function ask<Req extends IncomingMessage, Res extends ServerResponse>(
  run: HandlerQuestion<Req, Res>,
  stale: StaleAnswer | undefined,
  options: HandlerAnswerOptions,
): Promise<HandlerAnswer | typeof abandoned> {
  const { call, base, attempt } = run;
  const { livesOf, clock, onError } = options;
  const asked = call.req.headers;
  const requestedAt = clock();
  const added = stale === undefined ? {} : { ...revalidationHeaders(stale.head) };
  const end = await runOnStandIn(call, { base, added, attempt, onError });
  if (end === abandoned) return abandoned;
  const { standIn, passed } = end;
  if (passed === 'next') return { kind: 'next', standIn, error: end.error };
  const wire = await standIn.head;
  const said = answerHeadOf(wire);
  const answer = besideCookies(said, base);
  const times = { requestedAt, respondedAt: clock() };
  if (answer.status === 304 && stale !== undefined) {
    standIn.body.resume();
    const variant = confirmedVariant(stale, besideBase(answer, base), { asked, times, livesOf });
    if (variant !== undefined) return { kind: 'confirmed', variant };
    // The 304 is about another response than the cached one, or forbids to store it: run for the whole response.
    return ask(run, undefined, options);
  }
  const isSuccess = passed === 'success';
  const lives = isSuccess ? livesFor(asked, answer, times, livesOf) : undefined;
  const vary = variantOf(asked, answer);
  if (lives === undefined || vary === undefined) {
    // A `no-store` or a very long `Accept` in one request must not exclude all others from the cache.
    const isUnkeepable = isSuccess && livesFor({}, answer, times, livesOf) === undefined;
    return { kind: 'own', wire, standIn, isSuccess, isUnkeepable };
  }
  const head = {
    status: answer.status,
    headers: keptHeaders(besideBase(answer, base), times.respondedAt),
    removed: Object.keys(base.headers).filter((name) => !(name in said.headers) || decides(name, answer, base)),
    lives,
  };
  return { kind: 'keepable', facts: { head, vary }, body: standIn.body };
}

/** What the reuse of a response depends on, beside the response itself. */
interface ReuseFacts {
  readonly asked: IncomingMessage['headers'];
  readonly times: AnswerTimes;
  readonly livesOf: LivesOf;
}

/** The cached variant, with the fields of the 304 that confirms it (RFC 9111 section 4.3.4). */
function confirmedVariant(
  stale: StaleAnswer,
  notModified: AnswerHead,
  { asked, times, livesOf }: ReuseFacts,
): KeptVariant | undefined {
  const freshened = freshenedHead(stale.head, notModified, times.respondedAt);
  const lives = freshened && livesOf(asked, freshened, times);
  const vary = freshened && variantOf(asked, freshened);
  if (lives === undefined || vary === undefined) return undefined;
  const head = { ...freshened, removed: stale.head.removed, lives };
  return { ...stale.variant, ...untilOf(lives), vary, head: { ...head } };
}

/** A response that announces trailers is sent with them and not cached, because trailers are not stored. */
function livesFor(
  asked: IncomingMessage['headers'],
  answer: AnswerHead,
  times: AnswerTimes,
  livesOf: LivesOf,
): Lives | undefined {
  return answer.headers['trailer'] === undefined ? livesOf(asked, answer, times) : undefined;
}

async function staleAnswer(derivatives: Derivatives, variant: KeptVariant): Promise<StaleAnswer | undefined> {
  const kept = await derivatives.open(variant.name);
  kept?.release();
  return kept === undefined ? undefined : { variant, head: headOfKept(kept, variant) };
}

export function answerHeadOf({ status, headers: lines }: WireHead): AnswerHead {
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
function besideCookies(answer: AnswerHead, { headers: base }: ResponseBase): AnswerHead {
  const { 'set-cookie': cookies, ...headers } = answer.headers;
  return cookies !== undefined && hasSameValue(base['set-cookie'], cookies) ? { ...answer, headers } : answer;
}

/** The fields that the handler has set itself. Middleware sets the others again on every response. */
function besideBase(answer: AnswerHead, { headers: base }: ResponseBase): AnswerHead {
  const own = Object.entries(answer.headers).filter(([name, value]) => !hasSameValue(base[name], value));
  return { ...answer, headers: Object.fromEntries(own) };
}

const accessNames = new Set(Object.keys(deliveryHeaders).map((name) => name.toLowerCase()));

/** Whether the handler has set another value of an access field than the application; then the handler's counts. */
function decides(name: string, { headers }: AnswerHead, { headers: base }: ResponseBase): boolean {
  const own = headers[name];
  return accessNames.has(name) && own !== undefined && !hasSameValue(base[name], own);
}

function hasSameValue(a: unknown, b: string | readonly string[]): boolean {
  return typeof b === 'string' ? String(a) === b : Array.isArray(a) && a.join('\n') === b.join('\n');
}
