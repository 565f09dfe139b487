import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Derivatives, Guard, KeptRecord, Remembered, Target } from '@safelight/core';
import type { Next, RequestHandler } from '@safelight/http';
import { type EarlyAnswer, type EarlyOption, early, requestUrl } from '@safelight/http';
import { checkOptions } from '@safelight/protocol';
import { freeChanged, mayChange } from '../cache/free-changed.ts';
import { guardAndKeep, type KeepOptions, suitsRequest } from '../cache/guard-and-keep.ts';
import { createFailureWriter, type FailureWriterOptions } from './failure-writer.ts';
import { guardInPlace } from './guard-in-place.ts';
import { checkHandler, guardRules } from './guard-rules.ts';
import type { GuardedHandler } from './guarded-handler.ts';
import type { MissingOriginalTest } from './missing-original.ts';

export interface GuardDoorOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Names the original that a request is about; all its derivations are freed together. `undefined` leaves a request
   * alone. @default every path is an asset of its own
   */
  readonly asset?: (req: Req) => string | undefined;
  /** Names what is asked for of that asset. @default the URL with its query */
  readonly derivation?: (req: Req) => string;
  /** Requests whose answers are one client's own: neither held nor shared. Those with `Authorization` never are. */
  readonly private?: (req: Req) => boolean;
  /**
   * Which errors of the handler say that the original is missing, so that one look-up answers for all its derivations.
   * Asked about the errors that would be held; they are answered as 404 then. May be async, to wait for the body.
   * @default those with the header `X-Safelight-Missing-Original`, which are so in any case
   */
  readonly isMissingOriginal?: MissingOriginalTest;
  /**
   * Keeps what the handler answers, for as long as its `Cache-Control` allows (RFC 9111), and answers from there. The
   * handler then runs for everybody who asks, on a request and a response of its own. What a PUT, POST, PATCH or DELETE
   * that passes through it has changed is freed before its answer leaves. Not for `middleware()`.
   * @default false
   */
  readonly keep?: boolean | KeepOptions;
  /**
   * Lets `listener` answer what is held or kept before the application sees the request: `true` when it is mounted at the
   * root, else the path that it is mounted at. `asset`, `derivation` and `private` then see a request that no middleware
   * has touched, without `params`. @default false
   */
  readonly early?: EarlyOption;
}

export interface GuardDoorParts extends FailureWriterOptions {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly derivatives: Derivatives;
  readonly timeoutMs: number;
  readonly assetKey: (asset: string) => string;
}

export interface GuardDoor<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly handler: RequestHandler<Req, Res>;
  /** Set when it may answer before the application does. */
  readonly early: EarlyAnswer | undefined;
}

/**
 * Puts the guard around one handler. `nextIsHandler`: the work is whatever follows, so `next` says nothing.
 * @throws {TypeError} when the handler is not a function, an option cannot work, or what follows is to be kept
 */
export function guardDoor<Req extends IncomingMessage, Res extends ServerResponse>(
  parts: GuardDoorParts,
  handler: RequestHandler<Req, Res>,
  options: GuardDoorOptions<Req>,
  { nextIsHandler }: { readonly nextIsHandler: boolean },
): GuardDoor<Req, Res> {
  const where = nextIsHandler ? 'middleware()' : 'guard()';
  checkHandler(where, handler);
  checkOptions<GuardDoorOptions<Req>>(where, options, guardRules);
  const { guard, clock, onError, assetKey } = parts;
  const { isMissingOriginal, keep = false, early: earlyOption = false } = options;
  if (keep !== false && nextIsHandler) {
    throw new TypeError('middleware() cannot keep what follows it; give the handler to guard(handler, { keep }).');
  }
  const identify = identifier(parts, options);
  const guarded: GuardedHandler<Req, Res> = {
    guard,
    callOf: (target, req, res, next) => ({
      ...{ handler, req, res, next, nextIsHandler, clock, onError, isMissingOriginal },
      isAsset: (name) => assetKey(name) === target.assets[0],
    }),
    fail: createFailureWriter(parts),
  };
  const inPlace = guardInPlace(guarded);
  const keeping = keep === false ? undefined : guardAndKeep(guarded, inPlace, parts, keep === true ? {} : keep);
  const answer = keeping?.answer ?? inPlace;

  function recall(target: Target, req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    const suiting = (variants: KeptRecord['variants']) => variants.find((variant) => suitsRequest(variant, req));
    const known = guard.recall(keeping === undefined ? { target } : { target, select: suiting });
    const respond = (remembered: Remembered | undefined): boolean => {
      if (remembered?.kind === 'kept') keeping?.writeKept(req, res, remembered);
      if (remembered?.kind === 'failed') guarded.fail(remembered, target, req, res);
      return remembered !== undefined;
    };
    return known instanceof Promise ? known.then(respond) : respond(known);
  }

  function freeBeforeAnswer(req: Req, res: Res): void {
    const name = (options.asset ?? pathOf)(req);
    if (name === undefined || name === '') return;
    freeChanged(req, res, () => guard.changed(assetKey(name)));
  }

  function safelightGuard(req: Req, res: Res, next: Next): unknown {
    const target = identify(req);
    if (target === undefined) {
      if (keeping !== undefined && mayChange(req.method)) freeBeforeAnswer(req, res);
      return handler(req, res, next);
    }
    // What is at hand is answered at once; where it must be fetched, that is done once, further on.
    if (keeping === undefined || !guard.isLocal) return answer(target, req, res, next);
    const recalled = recall(target, req, res);
    if (typeof recalled === 'boolean') return recalled ? undefined : answer(target, req, res, next);
    return recalled.then((done) => (done ? undefined : answer(target, req, res, next)), next);
  }

  function answerEarly(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    const target = identify(req as Req);
    return target !== undefined && recall(target, req, res);
  }

  return { handler: safelightGuard, early: earlyOption === false ? undefined : early(answerEarly, earlyOption) };
}

function identifier<Req extends IncomingMessage>(
  { assetKey }: GuardDoorParts,
  options: GuardDoorOptions<Req>,
): (req: Req) => Target | undefined {
  const asset = options.asset ?? pathOf;
  const isKept = options.keep !== undefined && options.keep !== false;
  // Where the path names the asset, only the query is left to tell derivations apart.
  const derivation = options.derivation ?? (options.asset === undefined ? queryOf : requestUrl);
  return (req) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined;
    if (req.headers.authorization !== undefined || options.private?.(req) === true) return undefined;
    const name = asset(req);
    if (name === undefined || name === '') return undefined;
    return { assets: [assetKey(name)], derivation: derivation(req), version: undefined, isKept };
  };
}

function pathOf(req: IncomingMessage): string {
  const url = requestUrl(req);
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function queryOf(req: IncomingMessage): string {
  const url = requestUrl(req);
  const query = url.indexOf('?');
  return query === -1 ? '' : url.slice(query);
}
