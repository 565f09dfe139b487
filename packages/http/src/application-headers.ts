import type { ServerResponse } from 'node:http';
import { deliveryHeaders } from './delivery-headers.ts';
import type { HeaderFields } from './serve/representation.ts';
import { fieldOf, without } from './serve/response-headers.ts';

/**
 * The maker of a response. `handler`: the application's handler made the response, so the application has decided about
 * the CORS fields.
 */
export type ResponseMaker = 'safelight' | 'handler';

/** The headers that the application has set, as far as they affect the headers of Safelight. */
export interface ApplicationHeaders {
  /** The names of all fields that the application has set, in lower case. */
  readonly names: readonly string[];
  readonly vary: string | undefined;
  readonly hasCookie: boolean;
}

const access = 'access-control-';
const allowOrigin = 'access-control-allow-origin';
const deliveryNames: ReadonlySet<string> = new Set(Object.keys(deliveryHeaders).map((name) => name.toLowerCase()));
/** The fields of Safelight that are not sent when the application has set a field of the same name. */
const replaceableNames: ReadonlySet<string> = new Set([...deliveryNames, 'x-request-id']);

/** Reads the headers that the application has set; `undefined` when no field affects a header of Safelight. */
export function applicationHeaders(res: ServerResponse): ApplicationHeaders | undefined {
  const names = res.getHeaderNames();
  // Express sets `X-Powered-By` on every response, so the list is rarely empty.
  if (!names.some(hasEffect)) return undefined;
  const vary = res.getHeader('vary');
  return { names, vary: vary === undefined ? undefined : String(vary), hasCookie: names.includes('set-cookie') };
}

function hasEffect(name: string): boolean {
  return name === 'vary' || name === 'set-cookie' || replaceableNames.has(name) || name.startsWith(access);
}

/**
 * The headers to send beside the headers of the application. Returns the same object when all headers may be sent.
 *
 * - `Vary` gets the names of the application and the names of `headers`.
 * - `Cross-Origin-Resource-Policy`, `Timing-Allow-Origin`, `X-Content-Type-Options` and `X-Request-Id` give way to a
 *   field of the same name.
 * - The application has decided about CORS when it has set any `Access-Control-*` field, or a `Vary` that names
 *   `Origin` or `*`. (For an origin that is denied, the middleware `cors` sets only `Vary: Origin`.) After such a
 *   decision, no `Access-Control-Allow-Origin` is added. Another `Access-Control-*` field gives no access by itself,
 *   and is added only if the application has set `Access-Control-Allow-Origin` and has not set the same field.
 * - For a response of the handler, the rule about CORS does not apply. A field of `deliveryHeaders` is left out when
 *   the application has set a field of the same name. All other fields are sent.
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
  const setByApplication = names.filter((name) => replaceableNames.has(name) || name.startsWith(access));
  const hasDecided =
    setByApplication.some((name) => name.startsWith(access)) || (vary !== undefined && namesOrigin(vary));
  if (!hasDecided) return setByApplication;
  if (setByApplication.includes(allowOrigin)) return setByApplication;
  const corsNames = Object.keys(headers)
    .map((name) => name.toLowerCase())
    .filter((name) => name.startsWith(access));
  return [...setByApplication, ...corsNames];
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
