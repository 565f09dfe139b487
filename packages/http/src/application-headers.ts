import type { ServerResponse } from 'node:http';
import { deliveryHeaders } from './delivery-headers.ts';
import type { HeaderFields } from './serve/representation.ts';
import { fieldOf, without } from './serve/response-headers.ts';

/**
 * The maker of a response. `handler`: the application's handler made the response, so the application decided about its
 * CORS fields.
 */
export type ResponseMaker = 'safelight' | 'handler';

/** The headers that the application set before us and that affect the headers we add. */
export interface ApplicationHeaders {
  /** The names of all fields that the application has set, in lower case. */
  readonly names: readonly string[];
  readonly vary: string | undefined;
  readonly hasCookie: boolean;
}

const access = 'access-control-';
const allowOrigin = 'access-control-allow-origin';
const deliveryNames: ReadonlySet<string> = new Set(Object.keys(deliveryHeaders).map((name) => name.toLowerCase()));
/** The fields that we do not send when the application has set a field of the same name. */
const yielding: ReadonlySet<string> = new Set([...deliveryNames, 'x-request-id']);

/** Reads the headers that the application has set. `undefined`: none of them affects a header of ours. */
export function applicationHeaders(res: ServerResponse): ApplicationHeaders | undefined {
  const names = res.getHeaderNames();
  // Express sets `X-Powered-By` on every response, so the list is rarely empty.
  if (!names.some(affectsOurHeaders)) return undefined;
  const vary = res.getHeader('vary');
  return { names, vary: vary === undefined ? undefined : String(vary), hasCookie: names.includes('set-cookie') };
}

function affectsOurHeaders(name: string): boolean {
  return name === 'vary' || name === 'set-cookie' || yielding.has(name) || name.startsWith(access);
}

/**
 * The headers to send beside those of the application. Returns the same object when all of them may be sent.
 *
 * - `Vary` gets the names of both.
 * - `Cross-Origin-Resource-Policy`, `Timing-Allow-Origin`, `X-Content-Type-Options` and `X-Request-Id` give way to a
 *   field of the same name.
 * - The application has decided about CORS when it has set any `Access-Control-*` field, or a `Vary` that names `Origin`
 *   or `*`: the middleware `cors` sets only `Vary: Origin` for an origin that it denies. Then no
 *   `Access-Control-Allow-Origin` is added. The other `Access-Control-*` fields give no access by themselves: each of
 *   them is added when the application allows an origin and has not set that field.
 * - A handler's response gets no defaults from us: a field is left out only when the application has set the same field.
 */
export function besideApplication(
  { names, vary }: ApplicationHeaders,
  headers: HeaderFields,
  madeBy: ResponseMaker = 'safelight',
): HeaderFields {
  const hidden = new Set(
    madeBy === 'handler' ? names.filter((name) => deliveryNames.has(name)) : hiddenIn(headers, names, vary),
  );
  const isHidden = (name: string) => hidden.has(name.toLowerCase());
  const rest = hidden.size > 0 && Object.keys(headers).some(isHidden) ? without(headers, hidden) : headers;
  const ownVary = vary === undefined ? undefined : fieldOf(rest, 'Vary');
  if (ownVary === undefined) return rest;
  return { ...without(rest, onlyVary), Vary: union(`${vary},${ownVary}`) };
}

const onlyVary: ReadonlySet<string> = new Set(['vary']);

function hiddenIn(headers: HeaderFields, names: readonly string[], vary: string | undefined): readonly string[] {
  const same = names.filter((name) => yielding.has(name) || name.startsWith(access));
  const hasDecided = same.some((name) => name.startsWith(access)) || (vary !== undefined && namesOrigin(vary));
  if (!hasDecided) return same;
  if (same.includes(allowOrigin)) return same;
  const corsNames = Object.keys(headers)
    .map((name) => name.toLowerCase())
    .filter((name) => name.startsWith(access));
  return [...same, ...corsNames];
}

function namesOrigin(vary: string): boolean {
  return vary.split(',').some((name) => /^\s*(?:origin|\*)\s*$/i.test(name));
}

function union(list: string): string {
  const names = new Map<string, string>();
  for (const name of list.split(',').map((text) => text.trim())) {
    if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return names.has('*') ? '*' : [...names.values()].join(', ');
}
