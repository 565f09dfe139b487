import { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Attempt, Derivatives, Kept, KeptRecord, KeptVariant, Outcome, Target } from '@safelight/core';
import { createLivesOf, isAnswered, type LivesOptions, matchesVariant, type Next, variantOf } from '@safelight/http';
import { LRUCache } from 'lru-cache';
import { type GuardedAnswer, type GuardedHandler, unguarded } from '../guard/guard-in-place.ts';
import { onceArrived } from '../guard/once-arrived.ts';
import { askHandler, type HandlerAnswer } from './handler-answer.ts';
import { createKeptAnswerWriter, type KeptAnswerWriter } from './kept-answer.ts';
import { writeComing, writeOwn } from './live-answer.ts';
import { putAnswerAway } from './put-answer-away.ts';
import { baseOf, handBack, type ResponseBase } from './stand-in-message.ts';

export interface KeepOptions extends LivesOptions {}

export interface KeepParts {
  readonly derivatives: Derivatives;
  readonly clock: () => number;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}

export interface KeepingGuard<Req, Res> {
  readonly answer: GuardedAnswer<Req, Res>;
  readonly writeKept: KeptAnswerWriter;
}

/** Whether a cached variant may be used for this request. */
export function suitsRequest({ vary }: KeptVariant, { headers }: IncomingMessage): boolean {
  return vary === undefined || matchesVariant(headers, vary);
}

const MOST_UNKEEPABLE = 1000;
const UNKEEPABLE_MS = 60_000;

/**
 * Runs a handler once for all clients, caches its response for as long as the response allows, and responds from the
 * cache. When a response turns out to be for one client only, the handler runs in place for a while, so that requests
 * do not wait for a response that they cannot use.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds what all requests of one handler share.
export function guardAndKeep<Req extends IncomingMessage, Res extends ServerResponse>(
  { guard, callOf, fail }: GuardedHandler<Req, Res>,
  inPlace: GuardedAnswer<Req, Res>,
  parts: KeepParts,
  options: KeepOptions,
): KeepingGuard<Req, Res> {
  const { derivatives, clock, timeoutMs, onError, onMadePrivate } = parts;
  const asking = { derivatives, clock, idleMs: timeoutMs, livesOf: createLivesOf(options), onError };
  const writeKept = createKeptAnswerWriter(parts);
  const unkeepableUntil = new LRUCache<string, number>({ max: MOST_UNKEEPABLE });

  return { answer: answerAndKeep, writeKept };

  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the state of one request; its functions are short.
  function answerAndKeep(target: Target, req: Req, res: Res, next: Next): void | Promise<void> {
    const suits = (variant: KeptVariant) => suitsRequest(variant, req);
    const select = (variants: KeptRecord['variants']) => variants.find(suits);
    const name = `${target.assets[0]} ${target.derivation}`;
    // The stand-in for a request is an HTTP/1.1 request.
    const hasStandIn = req instanceof IncomingMessage && res instanceof ServerResponse;
    if (!hasStandIn || (unkeepableUntil.get(name) ?? 0) > clock()) return answerUnkept(target, select, req, res, next);
    const call = callOf(target, req, res, next);
    let base: ResponseBase | undefined;
    let hasRun = false;
    let reader: Readable | undefined;

    function take(answer: HandlerAnswer): boolean {
      if (answer.kind === 'confirmed') return suits(answer.variant);
      if (answer.kind !== 'keepable' || !matchesVariant(req.headers, answer.facts.vary)) return false;
      reader = answer.draft?.read();
      return reader !== undefined;
    }

    /** Requests with the same values in the fields that the response varies by share a run. */
    function shareKey(answer: HandlerAnswer): string | undefined {
      if (answer.kind !== 'keepable' && answer.kind !== 'confirmed') return undefined;
      const { vary = {} } = answer.kind === 'keepable' ? answer.facts : answer.variant;
      const mine = variantOf(req.headers, { headers: { vary: Object.keys(vary).join() } });
      return mine && JSON.stringify(mine);
    }

    function send(outcome: Kept): void {
      // The refresh in the background starts with the headers that this response had before it was written.
      if (outcome.state === 'refreshed') base ??= baseOf(res);
      writeKept(req, res, outcome);
    }

    async function finish(outcome: Outcome<HandlerAnswer>): Promise<void> {
      if (outcome.kind === 'kept') return send(outcome);
      if (isAnswered(res)) {
        reader?.destroy();
        if (outcome.kind === 'made' && !outcome.joined) letGo(outcome.value);
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
        if (value.isUnkeepable) unkeepableUntil.set(name, clock() + UNKEEPABLE_MS);
        return writeOwn(req, res, value, { now: clock(), onError, onMadePrivate });
      }
      if (value.kind === 'confirmed') {
        const { variant } = value;
        const kept = await derivatives.open(variant.name);
        // It was evicted meanwhile.
        if (kept === undefined) return unguarded(call.handler, req, res, next);
        return writeKept(req, res, { kind: 'kept', kept, variant, state: joined ? 'confirmed for all' : 'confirmed' });
      }
      const { body, draft, facts } = value;
      const source = draft === undefined ? body : (reader ?? draft.read());
      if (source === undefined) return unguarded(call.handler, req, res, next);
      const about = { now: clock(), onError, onMadePrivate };
      writeComing(req, res, { head: facts.head, source, joined, isKept: draft !== undefined, ...about });
    }

    function failed(error: unknown): void | Promise<void> {
      return hasRun || isAnswered(res) ? next(error) : unguarded(call.handler, req, res, next);
    }

    function run(attempt: Attempt): ReturnType<typeof askHandler> {
      hasRun = true;
      base ??= baseOf(res);
      return askHandler(call, base, attempt, asking);
    }

    try {
      const outcome = guard.handle<HandlerAnswer>({
        target,
        select,
        work: (attempt) => (attempt.isArriving ? onceArrived(attempt, res, run) : run(attempt)),
        take,
        shareKey,
        checksSuccess: true,
        isSuccess: (answer) => answer.kind !== 'next' && (answer.kind !== 'own' || answer.isSuccess),
        putAway: (answer, attempt) => putAnswerAway(answer, attempt, asking),
        hasLeft: () => isAnswered(res),
        unclaimed: letGo,
      });
      if (outcome instanceof Promise) return outcome.then(finish).catch(failed);
      return outcome.kind === 'kept' ? send(outcome) : finish(outcome);
    } catch (error) {
      return failed(error);
    }
  }

  /** From the cache, where a suitable response is there; otherwise by the handler, on the client's own connection. */
  async function answerUnkept(
    target: Target,
    select: (variants: KeptRecord['variants']) => KeptVariant | undefined,
    ...[req, res, next]: [Req, Res, Next]
  ): Promise<void> {
    const known = await Promise.resolve(guard.recall({ target, select })).catch(() => undefined);
    if (known?.kind === 'kept') return writeKept(req, res, known);
    return inPlace({ ...target, isKept: false }, req, res, next);
  }
}

/** No request uses the response: for the handler it looks as if its client had disconnected. */
function letGo(answer: HandlerAnswer): void {
  if (answer.kind === 'own') answer.standIn.body.destroy();
  else if (answer.kind === 'keepable' && answer.draft === undefined) answer.body.destroy();
}
