import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Derivatives, Guard, Target } from '@safelight/core';
import { createFailureWriter, type FailureWriter, type FailureWriterOptions } from './failure-writer.ts';
import { guardInPlace } from './guard-in-place.ts';
import { guardAndKeep, type KeepOptions } from './keep/guard-and-keep.ts';
import type { MissingOriginalTest } from './missing-original.ts';
import type { HandlerCall, Next, RequestHandler } from './run-handler.ts';
import { urlOf } from './url-of.ts';

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
   * handler then runs for everybody who asks, on a request and a response of its own. Not for `middleware()`.
   * @default false
   */
  readonly keep?: boolean | KeepOptions;
}

export interface GuardDoorParts extends FailureWriterOptions {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly derivatives: Derivatives;
  readonly timeoutMs: number;
  readonly assetKey: (asset: string) => string;
}

/** A handler with what it takes to run it and to answer for it. */
export interface GuardedHandler<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly guard: Guard;
  readonly callOf: (target: Target, req: Req, res: Res, next: Next) => HandlerCall<Req, Res>;
  readonly fail: FailureWriter;
}

/**
 * Puts the guard around one handler. `nextIsHandler`: the work is whatever follows, so `next` says nothing.
 * @throws {TypeError} when what follows is to be kept
 */
export function guardDoor<Req extends IncomingMessage, Res extends ServerResponse>(
  parts: GuardDoorParts,
  handler: RequestHandler<Req, Res>,
  options: GuardDoorOptions<Req>,
  { nextIsHandler }: { readonly nextIsHandler: boolean },
): RequestHandler<Req, Res> {
  const { guard, clock, onError, assetKey } = parts;
  const { isMissingOriginal, keep = false } = options;
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
  const answer = keep === false ? inPlace : guardAndKeep(guarded, inPlace, parts, keep === true ? {} : keep);

  return function safelightGuard(req, res, next) {
    const target = identify(req);
    return target === undefined ? handler(req, res, next) : answer(target, req, res, next);
  };
}

function identifier<Req extends IncomingMessage>(
  { assetKey }: GuardDoorParts,
  options: GuardDoorOptions<Req>,
): (req: Req) => Target | undefined {
  const asset = options.asset ?? pathOf;
  const isKept = options.keep !== undefined && options.keep !== false;
  // Where the path names the asset, only the query is left to tell derivations apart.
  const derivation = options.derivation ?? (options.asset === undefined ? queryOf : urlOf);
  return (req) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined;
    if (req.headers.authorization !== undefined || options.private?.(req) === true) return undefined;
    const name = asset(req);
    if (name === undefined || name === '') return undefined;
    return { assets: [assetKey(name)], derivation: derivation(req), version: undefined, isKept };
  };
}

function pathOf(req: IncomingMessage): string {
  const url = urlOf(req);
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function queryOf(req: IncomingMessage): string {
  const url = urlOf(req);
  const query = url.indexOf('?');
  return query === -1 ? '' : url.slice(query);
}
