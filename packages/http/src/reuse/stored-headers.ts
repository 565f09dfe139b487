import { fieldText, madeAt, type ReceivedFields, type ResponseHead } from './response-head.ts';

/** About one connection or one proxy, not about the response (RFC 9111 section 3.1, RFC 9110 section 7.6.1). */
const notOfTheResponse = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** About one client, or about the path of one request through caches (RFC 9211). */
const ofOneRequest = ['set-cookie', 'cache-status'];

/**
 * The fields of a response to store, unknown ones included. `Age` is removed, because `ageSecondsOf` computes it when
 * the response is reused. `Date` stays; a response without one gets the time at which it was received (RFC 9110 section
 * 6.6.1).
 */
export function storedHeaders(response: ResponseHead, respondedAt: number): ResponseHead['headers'] {
  const { age: _, ...headers } = resourceHeaders(response);
  return { ...headers, date: new Date(madeAt(response, respondedAt)).toUTCString() };
}

/** The fields that are about the resource, and not only about one request. */
export function resourceHeaders({ headers }: ResponseHead): ResponseHead['headers'] {
  const left = new Set([...notOfTheResponse, ...ofOneRequest, ...namedByConnection(headers)]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name)));
}

function namedByConnection(headers: ReceivedFields): readonly string[] {
  return (fieldText(headers, 'connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
}
