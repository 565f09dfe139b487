import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attempt,
  abandoned,
  type Derivatives,
  type Draft,
  faultOfError,
  type KeptVariant,
} from '@safelight/core';
import type { AnswerHead } from '../reuse/answer-head.ts';
import { keptHeaders } from '../reuse/kept-headers.ts';
import type { LivesOf } from '../reuse/lives.ts';
import { freshenedHead, revalidationHeaders } from '../reuse/revalidation.ts';
import { variantOf } from '../reuse/variant.ts';
import { isWhole } from '../reuse/whole-answer.ts';
import { type HandlerCall, type HandlerEvents, runHandler } from '../run-handler.ts';
import { feedDraft } from './feed-draft.ts';
import { headOfKept, type KeptAnswerHead, untilOf } from './kept-answer.ts';
import { createStandIn, type StandIn } from './stand-in.ts';
import type { WireHead } from './wire-reader.ts';

/** What came of running a handler on a stand-in. */
export type HandlerAnswer =
  /** Bytes that may be kept; `draft` is set as soon as they are being put away. */
  | { readonly kind: 'keepable'; readonly facts: Keepable; readonly body: StandIn['body']; draft?: Draft }
  /** What is kept still holds, by the handler's word. */
  | { readonly kind: 'confirmed'; readonly variant: KeptVariant }
  /** For whoever asked, and nobody else. */
  | { readonly kind: 'own'; readonly wire: WireHead; readonly standIn: StandIn; readonly isSuccess: boolean }
  /** The handler passed the request on. */
  | { readonly kind: 'next'; readonly error: unknown };

export interface Keepable {
  readonly head: KeptAnswerHead;
  readonly vary: NonNullable<KeptVariant['vary']>;
}

export interface HandlerAnswerOptions {
  readonly derivatives: Derivatives;
  readonly livesOf: LivesOf;
  readonly clock: () => number;
  /** How long a body may be silent, in milliseconds. */
  readonly idleMs: number;
}

/**
 * Runs a handler for everybody who may ask, on a stand-in, and says what it answered as soon as the head is there.
 * @throws the fault of a failure, as `runHandler` does
 */
export async function askHandler<Req extends IncomingMessage, Res extends ServerResponse>(
  call: HandlerCall<Req, Res>,
  attempt: Attempt,
  events: HandlerEvents,
  { derivatives, livesOf, clock }: HandlerAnswerOptions,
): Promise<HandlerAnswer | typeof abandoned> {
  const { req, res } = call;
  const stale = attempt.stale === undefined ? undefined : await staleHead(derivatives, attempt.stale);
  const requestedAt = clock();
  const standIn = createStandIn(req, res, stale === undefined ? {} : { ...revalidationHeaders(stale) });
  let passedOn: { readonly error: unknown } | undefined;
  const next = (error: unknown) => {
    passedOn = { error };
  };
  const passed = await runHandler({ ...call, req: standIn.req, res: standIn.res, next }, attempt, events);
  if (passedOn !== undefined || passed === abandoned) {
    standIn.body.destroy();
    return passedOn === undefined ? abandoned : { kind: 'next', error: passedOn.error };
  }
  const wire = await standIn.head;
  const answer = answerHeadOf(wire);
  const times = { requestedAt, respondedAt: clock() };
  if (answer.status === 304 && attempt.stale !== undefined && stale !== undefined) {
    const freshened = freshenedHead(stale, answer, times.respondedAt);
    const lives = freshened && livesOf(req.headers, freshened, times);
    if (lives !== undefined) {
      standIn.body.destroy();
      const head = { ...freshened, removed: stale.removed, lives };
      return { kind: 'confirmed', variant: { ...attempt.stale, ...untilOf(lives), head } };
    }
  }
  const lives = passed === 'success' ? livesOf(req.headers, answer, times) : undefined;
  const vary = variantOf(req.headers, answer);
  if (lives === undefined || vary === undefined) {
    return { kind: 'own', wire, standIn, isSuccess: passed === 'success' };
  }
  const base = res.getHeaders();
  const own = { status: answer.status, headers: besidesBase(answer.headers, base) };
  const removed = Object.keys(base).filter((name) => !(name in answer.headers));
  const head = { status: own.status, headers: keptHeaders(own, times.respondedAt), removed, lives };
  return { kind: 'keepable', facts: { head, vary }, body: standIn.body };
}

/** Puts an answer away, behind those who read it as it comes; `undefined` when there is nothing to put away. */
export function putAnswerAway(
  answer: HandlerAnswer,
  attempt: Pick<Attempt, 'recordLate'>,
  { derivatives, idleMs }: HandlerAnswerOptions,
): Promise<KeptVariant | undefined> | undefined {
  if (answer.kind === 'confirmed') return Promise.resolve(answer.variant);
  if (answer.kind !== 'keepable') return undefined;
  const { head, vary } = answer.facts;
  const draft = derivatives.create();
  answer.draft = draft;
  return feedDraft(draft, answer.body, idleMs).then(
    async (bytes) => {
      if (!isWhole(head, bytes)) draft.discard();
      const name = await draft.keep({ ...head });
      return name === undefined ? undefined : { name, ...untilOf(head.lives), vary };
    },
    async (error) => {
      await attempt.recordLate(faultOfError(error));
      return undefined;
    },
  );
}

async function staleHead(derivatives: Derivatives, variant: KeptVariant): Promise<KeptAnswerHead | undefined> {
  const kept = await derivatives.open(variant.name);
  kept?.release();
  return kept === undefined ? undefined : headOfKept(kept, variant);
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

/** What the handler itself has said; the rest is said of every answer, anew, by whoever has said it. */
function besidesBase(headers: AnswerHead['headers'], base: Readonly<Record<string, unknown>>): AnswerHead['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => !isSame(base[name], value)));
}

function isSame(a: unknown, b: string | readonly string[]): boolean {
  return typeof b === 'string' ? String(a) === b : Array.isArray(a) && a.join('\n') === b.join('\n');
}
