import { readCacheDirectives } from './cache-directives.ts';
import { explicitLifetimeMs } from './freshness.ts';
import { fieldText, type ReceivedFields } from './response-head.ts';
import { type Variant, variantOf } from './variant.ts';

/** The other requests that an error response may be used for, as the response itself says. */
export interface ErrorReuse {
  /** The request fields that the response names in `Vary`, with the values of the request. */
  readonly vary: Variant;
  /** Whether the response says `no-store`. Its body must not be stored; its status may be remembered. */
  readonly noStore: boolean;
  /** The freshness lifetime that the response states, in milliseconds; `undefined` when it states none. */
  readonly lifetimeMs: number | undefined;
}

const noNames: ReadonlySet<string> = new Set();

/** Fields with few values, which describe the client's abilities and not the client. */
const negotiated = /^(?:accept|accept-(?:charset|encoding|language)|origin|sec-ch-[\w-]+)$/;

/**
 * Reads from an error response for which other requests it may be used (RFC 9111 sections 3, 4.1 and 5.2.2).
 * @param request - the fields of the request
 * @param response - the fields that the handler itself has set
 * @param options - `now`: epoch milliseconds. `allowed`: names in lower case that `Vary` may contain too
 * @returns `undefined` when the response is for this client only: `private`, `Set-Cookie`, or a `Vary` that names `*` or
 *   a field that differs for each client, such as `Cookie` or `User-Agent`
 *
 * @example
 * errorReuse({ accept: 'image/webp' }, { vary: 'Accept' }, { now: Date.now() })?.vary; // { accept: 'image/webp' }
 * errorReuse({}, { 'cache-control': 'private' }, { now: Date.now() }); // undefined
 */
export function errorReuse(
  request: ReceivedFields,
  response: Readonly<Record<string, string | readonly string[]>>,
  { now, allowed = noNames }: { readonly now: number; readonly allowed?: ReadonlySet<string> },
): ErrorReuse | undefined {
  if (response['set-cookie'] !== undefined) return undefined;
  const directives = readCacheDirectives(response);
  if (directives.isPrivate) return undefined;
  const names = (fieldText(response, 'vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (names.some((name) => name !== '' && !negotiated.test(name) && !allowed.has(name))) return undefined;
  // The fields that are allowed besides are compared by the caller.
  const compared = { vary: names.filter((name) => !allowed.has(name)).join() };
  const vary = variantOf(request, { headers: compared });
  if (vary === undefined) return undefined;
  const { noStore } = directives;
  return { vary, noStore, lifetimeMs: noStore ? undefined : explicitLifetimeMs(directives, response, now) };
}
