import { fieldText, madeAt, type ReceivedFields, type ResponseHead } from './response-head.ts';

/** Fields about one connection or one proxy, not about the response (RFC 9111 section 3.1, RFC 9110 section 7.6.1). */
const fieldsOfConnection = [
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

/** Fields about one client, or about the way of one request through caches (RFC 9211). */
const fieldsOfRequest = ['set-cookie', 'cache-status'];

/**
 * The fields of a response to store (RFC 9111 section 3.1), including unknown ones. `Age` is removed, because
 * `ageSecondsOf` computes it when the response is reused. `Date` stays. A response without a valid date gets the time at
 * which it was received (RFC 9110 section 6.6.1).
 *
 * @param respondedAt - when the response was received, epoch milliseconds
 * @example
 * const headers = { etag: '"cat-1"', age: '30', 'set-cookie': ['a=1'] };
 * storedHeaders({ status: 200, headers }, 1_700_000_000_000);
 * // { etag: '"cat-1"', date: 'Tue, 14 Nov 2023 22:13:20 GMT' }
 */
export function storedHeaders(response: ResponseHead, respondedAt: number): ResponseHead['headers'] {
  const { age: _, ...headers } = resourceHeaders(response);
  return { ...headers, date: new Date(madeAt(response, respondedAt)).toUTCString() };
}

/** The fields that are about the resource, and not only about one request. */
export function resourceHeaders({ headers }: ResponseHead): ResponseHead['headers'] {
  const removed = new Set([...fieldsOfConnection, ...fieldsOfRequest, ...namedByConnection(headers)]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !removed.has(name)));
}

function namedByConnection(headers: ReceivedFields): readonly string[] {
  return (fieldText(headers, 'connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
}
