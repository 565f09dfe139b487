import type { IncomingMessage } from 'node:http';
import {
  type Fault,
  type FieldValues,
  faultOfError,
  faultOfStatus,
  retryAfterMs,
  TransformError,
} from '@safelight/core';
import { type ErrorReuse, errorReuse } from '@safelight/http';
import { optionallyHeldStatuses } from '@safelight/protocol';
import type { GuardRouteOptions } from './guard-route-options.ts';
import type { OwnFields } from './own-fields.ts';
import type { WatchedHead } from './response-events.ts';

/** The options about sharing, in the form that each request needs. */
export interface Sharing {
  /** Names of the request fields that are part of the target's variant, in lower case. */
  readonly vary: ReadonlySet<string>;
  /** Which of the optional statuses are held. */
  readonly hold: ReadonlySet<number>;
  /** Whether a run for all clients sees this field of the request; the name is in lower case. */
  readonly forwards: (name: string) => boolean;
}

/** What the fault of an error depends on, besides the error. */
export interface SharingRules extends Pick<Sharing, 'vary' | 'hold'> {
  readonly clock: () => number;
}

export function sharingOf({
  vary = [],
  hold = [],
  forward = [],
}: Pick<GuardRouteOptions, 'vary' | 'hold' | 'forward'>): Sharing {
  const forwarded = new Set([...vary, ...forward].map((name) => name.toLowerCase()));
  return {
    vary: new Set(vary.map((name) => name.toLowerCase())),
    hold: new Set(hold === 'all' ? optionallyHeldStatuses : hold),
    forwards: (name) => forwarded.has(name),
  };
}

/**
 * The fault of an error response, with the requests that it may be shown to.
 * @returns `undefined` for a response that concerns only this client, or has a status that is not held
 */
export function faultOfResponse(
  status: number,
  head: WatchedHead,
  { headers }: IncomingMessage,
  { hold, vary, clock }: SharingRules,
): Fault | undefined {
  const now = clock();
  const asked = retryAfterMs(head.header('retry-after'), now);
  const fault =
    status === 403 && headers.cookie !== undefined ? undefined : faultOfStatus(status, { hold, retryAfterMs: asked });
  const reuse = fault && errorReuse(headers, head.own(), { now, allowed: vary });
  if (fault === undefined || reuse === undefined) return undefined;
  // Without `Retry-After`, the freshness that a handler states for a 404 or 410 replaces the window of the ladder.
  const windowMs = asked ?? (status === 404 || status === 410 ? reuse.lifetimeMs : undefined);
  return {
    ...fault,
    ...(windowMs === undefined ? {} : { retryAfterMs: windowMs }),
    ...reused(status, reuse),
  };
}

/**
 * The fault of an error that a handler has thrown or passed on. `never`: it concerns only this client. A lifetime that
 * the handler has set before does not count: it was meant for a success.
 */
export function faultOfHandlerError(
  error: unknown,
  { headers }: IncomingMessage,
  own: OwnFields,
  { hold, vary, clock }: SharingRules,
): Fault {
  const fault = faultOfError(error, hold);
  // The handler may have set fields before it has thrown.
  const reuse = errorReuse(headers, own, { now: clock(), allowed: vary });
  if (reuse === undefined) return { ...fault, class: 'never' };
  if (TransformError.is(error)) return fault;
  const isRefused = fault.status === 403 && headers.cookie !== undefined;
  return isRefused ? { ...fault, class: 'never' } : { ...fault, ...reused(fault.status, reuse) };
}

/** For which requests an error may be used, as its response says. */
function reused(status: number, { vary, noStore }: ErrorReuse): Pick<Fault, 'vary' | 'noStore'> {
  // A handler that refuses a client may have looked for a cookie, so a request with cookies never gets its 403.
  const values: FieldValues = status === 403 ? { ...vary, cookie: null } : vary;
  return { ...(Object.keys(values).length === 0 ? {} : { vary: values }), ...(noStore ? { noStore: true } : {}) };
}
