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

/** What came of running a handler on a stand-in. */
export type HandlerAnswer =
  /** Bytes that may be kept; `draft` is set as soon as they are being put away. */
  | { readonly kind: 'keepable'; readonly facts: Keepable; readonly body: StandIn['body']; draft?: Draft }
  /** What is kept still holds, by the handler's word. */
  | { readonly kind: 'confirmed'; readonly variant: KeptVariant }
  /** For whoever asked, and nobody else. */
  | {
      readonly kind: 'own';
      readonly wire: WireHead;
      readonly standIn: StandIn;
      readonly isSuccess: boolean;
      /** Whether that is the handler's doing, so that the next one will have his own too. */
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
 * Runs a handler for everybody who may ask, on a stand-in, and says what it answered as soon as the head is there.
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

/** What is kept and not fresh any more. */
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
    // It speaks of something else than what is kept, or does not let that be kept any longer: the whole is asked for.
    return ask(run, undefined, options);
  }
  const isSuccess = passed === 'success';
  const lives = isSuccess ? livesFor(asked, answer, times, livesOf) : undefined;
  const vary = variantOf(asked, answer);
  if (lives === undefined || vary === undefined) {
    // One visitor's own `no-store` or endless `Accept` must not keep it from all others.
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

/** What the reuse of an answer depends on, beside the answer itself. */
interface ReuseFacts {
  readonly asked: IncomingMessage['headers'];
  readonly times: AnswerTimes;
  readonly livesOf: LivesOf;
}

/** What is kept, with the fields of a 304 that confirms it (RFC 9111 section 4.3.4). */
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

/** Trailers come after what is kept, so that an answer which announces some is sent on with them and not kept. */
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

/** The cookies that the application has set before the handler are of each client, and no part of what it answers. */
function besideCookies(answer: AnswerHead, { headers: base }: ResponseBase): AnswerHead {
  const { 'set-cookie': cookies, ...headers } = answer.headers;
  return cookies !== undefined && hasSameValue(base['set-cookie'], cookies) ? { ...answer, headers } : answer;
}

/** What the handler itself has said; the rest is said of every answer, anew, by whoever has said it. */
function besideBase(answer: AnswerHead, { headers: base }: ResponseBase): AnswerHead {
  const own = Object.entries(answer.headers).filter(([name, value]) => !hasSameValue(base[name], value));
  return { ...answer, headers: Object.fromEntries(own) };
}

const accessNames = new Set(Object.keys(deliveryHeaders).map((name) => name.toLowerCase()));

/** Who may read an answer is for the application to say, unless the handler has said something else after it. */
function decides(name: string, { headers }: AnswerHead, { headers: base }: ResponseBase): boolean {
  const own = headers[name];
  return accessNames.has(name) && own !== undefined && !hasSameValue(base[name], own);
}

function hasSameValue(a: unknown, b: string | readonly string[]): boolean {
  return typeof b === 'string' ? String(a) === b : Array.isArray(a) && a.join('\n') === b.join('\n');
}
