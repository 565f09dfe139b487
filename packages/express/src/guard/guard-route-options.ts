import type { IncomingMessage } from 'node:http';
import type { EarlyOption, FreshnessOptions } from '@safelight/http';
import type { MissingOriginalTest } from './missing-original.ts';

/** A status that a guard holds only when its option `hold` names it. */
export type OptionalStatus = 400 | 403 | 413 | 415 | 422 | 451;

/** The options of `guard()` and `middleware()`. */
export interface GuardRouteOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Returns the name of the original that a request is for. `changed` takes the same name, and applies to all
   * derivations of the asset. A request without a name (`undefined` or `''`) is not guarded. The name is taken literally;
   * `assetFromPath` decodes the path below a mount.
   * @default the percent-decoded path: each path is a separate asset
   */
  readonly asset?: (req: Req) => string | undefined;
  /**
   * Returns the name of the derivation. Requests with the same asset and derivation share runs, failures and cached
   * responses. @default the URL with its query
   */
  readonly derivation?: (req: Req) => string;
  /**
   * In which words clients get a failure. `application`: the first failing response, or the error for the application's
   * error handlers, passes as it would without the guard, with fields that say how long it is held. Later requests get
   * the same response or the same error, without a run. `safelight`: the guard responds with a problem document, a line
   * of text, or only a status. @default 'application'
   */
  readonly errors?: 'application' | 'safelight';
  /**
   * Which of the statuses that often concern one request only are held: a list of 400, 403, 413, 415, 422 and 451, or
   * `'all'` for these six. Use it when the handler looks at nothing but the URL. Held in any case are 404, 405, 410,
   * 414, 501 (RFC 9110 section 15.1), 500, 502, 503, 504, thrown errors, timeouts, and errors with a code of their own.
   * A 403 is never shown to a request with cookies. @default none
   */
  readonly hold?: readonly OptionalStatus[] | 'all';
  /**
   * Names of request fields that decide about the response, such as `['cookie']`. Failures and cached responses are
   * shared only by requests with the same values. The fields that a response names in `Vary` need not be listed.
   * @default none
   */
  readonly vary?: readonly string[];
  /**
   * The hosts that have ladders and cached responses of their own; requests for all other hosts share one of each.
   * @default each host has its own, at most 16 for one derivation
   */
  readonly hosts?: readonly string[];
  /**
   * With `cache`: names of request fields that the handler sees besides `Host`, `Accept` and its kind, client hints,
   * `traceparent`, `tracestate` and the fields in `vary`. It does not see others, because its response is for all
   * clients. @default none
   */
  readonly forward?: readonly string[];
  /**
   * Whether the response is for one client only. The handler responds to such a request as without the guard. Requests
   * with `Authorization` are always private. @default no other request is private
   */
  readonly isPrivate?: (req: Req) => boolean;
  /**
   * Whether an error response of the handler says that the original is missing. Then the failure is held for all
   * derivations of the asset, and clients get a 404. Called only for responses that would be held. May return a
   * promise, for example to read the body. An error of this function goes to `onError` and counts as `false`.
   * @default `false`; the header `X-Safelight-Missing-Original` counts in any case
   */
  readonly isMissingOriginal?: MissingOriginalTest;
  /**
   * Caches the handler's responses for as long as their `Cache-Control` allows (RFC 9111). The handler then runs once
   * for all waiting clients, on a separate request and response. After a successful PUT, POST, PATCH or DELETE through
   * this guard, nothing older is served for the same URL (RFC 9111 section 4.4); see `freeOnWrite`. `middleware()` does
   * not take this option.
   * @default false
   */
  readonly cache?: boolean | FreshnessOptions;
  /**
   * Whether a successful PUT, POST, PATCH or DELETE through this guard counts as a call of `changed` for its asset. The
   * call ends before the response is sent. Set it only if the handler refuses such requests of strangers: each of them
   * frees all derivations of the asset.
   * @default false: with `cache`, only the same URL is freed
   */
  readonly freeOnWrite?: boolean;
  /**
   * Lets `listener` send held and cached responses before the application sees the request. The value is `true` for a
   * guard that is mounted at the root, otherwise the path of the mount, such as `'/thumbs'`. `asset`, `derivation` and
   * `isPrivate` then get a request without `params`, which no middleware has changed. @default false
   */
  readonly early?: EarlyOption;
}
