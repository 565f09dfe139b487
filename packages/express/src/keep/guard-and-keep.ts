import { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Attempt, Derivatives, KeptRecord, KeptVariant, Outcome, Target } from '@safelight/core';
import QuickLRU from 'quick-lru';
import { unguarded } from '../guard-in-place.ts';
import type { GuardedAnswer, GuardedHandler } from '../guarded-handler.ts';
import { createLivesOf, type LivesOptions } from '../reuse/lives.ts';
import { matchesVariant } from '../reuse/variant.ts';
import { isAnswered, type Next } from '../run-handler.ts';
import { askHandler, type HandlerAnswer, putAnswerAway } from './handler-answer.ts';
import { createKeptAnswerWriter, type KeptAnswerWriter } from './kept-answer.ts';
import { writeComing, writeOwn } from './live-answer.ts';

export interface KeepOptions extends LivesOptions {}

export interface KeepParts {
  readonly derivatives: Derivatives;
  readonly clock: () => number;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
}

export interface KeepingGuard<Req, Res> {
  readonly answer: GuardedAnswer<Req, Res>;
  readonly writeKept: KeptAnswerWriter;
}

/** Whether a kept variant is an answer to this request too. */
export function suitsRequest({ vary }: KeptVariant, { headers }: IncomingMessage): boolean {
  return vary === undefined || matchesVariant(headers, vary);
}

const MOST_UNKEEPABLE = 1000;
const UNKEEPABLE_MS = 60_000;

/**
 * Runs a handler for everybody who asks, keeps its answer for as long as that allows, and answers from there. What turns
 * out not to be for everybody is answered in place for a while, so that nobody waits for somebody else's own answer.
 */
export function guardAndKeep<Req extends IncomingMessage, Res extends ServerResponse>(
  { guard, callOf, fail }: GuardedHandler<Req, Res>,
  inPlace: GuardedAnswer<Req, Res>,
  parts: KeepParts,
  options: KeepOptions,
): KeepingGuard<Req, Res> {
  const { derivatives, clock, timeoutMs, onError } = parts;
  const asking = { derivatives, clock, idleMs: timeoutMs, livesOf: createLivesOf(options) };
  const writeKept = createKeptAnswerWriter(parts);
  const unkeepableUntil = new QuickLRU<string, number>({ maxSize: MOST_UNKEEPABLE });

  return { answer: answerAndKeep, writeKept };

  function answerAndKeep(target: Target, req: Req, res: Res, next: Next): void | Promise<void> {
    // What stands in for a request is an HTTP/1.1 one.
    if (!(req instanceof IncomingMessage && res instanceof ServerResponse)) return inPlace(target, req, res, next);
    const name = `${target.assets[0]} ${target.derivation}`;
    if ((unkeepableUntil.get(name) ?? 0) > clock()) return inPlace(target, req, res, next);
    const call = callOf(target, req, res, next);
    let hasRun = false;
    const suits = (variant: KeptVariant) => suitsRequest(variant, req);
    let reader: Readable | undefined;

    function isShareable(answer: HandlerAnswer): boolean {
      if (answer.kind === 'confirmed') return suits(answer.variant);
      if (answer.kind !== 'keepable' || !matchesVariant(req.headers, answer.facts.vary)) return false;
      reader = answer.draft?.read();
      return reader !== undefined;
    }

    async function finish(outcome: Outcome<HandlerAnswer>): Promise<void> {
      if (isAnswered(res)) return;
      if (outcome.kind === 'kept') return writeKept(req, res, outcome);
      if (outcome.kind === 'failed' || outcome.kind === 'busy') return fail(outcome, target, req, res);
      if (outcome.kind === 'left') return;
      const { value, joined } = outcome;
      if (value.kind === 'next') return next(value.error);
      if (value.kind === 'own') {
        if (value.isSuccess) unkeepableUntil.set(name, clock() + UNKEEPABLE_MS);
        return writeOwn(req, res, value, { now: clock(), onError });
      }
      if (value.kind === 'confirmed') {
        const kept = await derivatives.open(value.variant.name);
        // Evicted in this very moment.
        if (kept === undefined) return unguarded(call.handler, req, res, next);
        return writeKept(req, res, { kind: 'kept', kept, variant: value.variant, state: 'fresh' });
      }
      const { head } = value.facts;
      const source = reader ?? value.draft?.read() ?? value.body;
      writeComing(req, res, { head, source, joined, isKept: value.draft !== undefined, now: clock(), onError });
    }

    function failed(error: unknown): void | Promise<void> {
      return hasRun || isAnswered(res) ? next(error) : unguarded(call.handler, req, res, next);
    }

    try {
      const outcome = guard.handle<HandlerAnswer>({
        target,
        select: (variants: KeptRecord['variants']) => variants.find(suits),
        work: (attempt: Attempt) => {
          hasRun = true;
          return askHandler(call, attempt, noEvents, asking);
        },
        isShareable,
        checksSuccess: true,
        isSuccess: (answer) => answer.kind !== 'next' && (answer.kind !== 'own' || answer.isSuccess),
        putAway: (answer, attempt) => putAnswerAway(answer, attempt, asking),
        hasLeft: () => isAnswered(res),
        unclaimed: letGo,
      });
      if (outcome instanceof Promise) return outcome.then(finish).catch(failed);
      if (outcome.kind === 'kept' && !isAnswered(res)) return writeKept(req, res, outcome);
      return finish(outcome);
    } catch (error) {
      return failed(error);
    }
  }
}

const noEvents = { onWatch: () => {}, onLeft: () => {}, onFault: () => {} };

/** Nobody is there for it: the handler is told that its client has left. */
function letGo(answer: HandlerAnswer): void {
  if (answer.kind === 'own') answer.standIn.body.destroy();
  else if (answer.kind === 'keepable' && answer.draft === undefined) answer.body.destroy();
}
