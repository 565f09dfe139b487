import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';

export interface FileRequest {
  /** The addresses that may be connected to. Nothing is resolved again. */
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
  /** How long the connection may have no byte, in milliseconds. */
  readonly maxIdleMs: number;
}

/**
 * Sends a GET request on a connection of its own, to one of the given addresses. It sends no cookies and no credentials, uses no
 * proxy of the environment, and follows no redirect.
 *
 * @throws {IdleError} when no byte has arrived in `maxIdleMs`; the response throws it too
 */
export function requestFile(url: URL, { addresses, signal, maxIdleMs }: FileRequest): Promise<IncomingMessage> {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const lookup: LookupFunction = (_name, { all }, done) => {
    const [first = { address: '', family: 4 }] = found;
    if (all === true) done(null, found);
    else done(null, first.address, first.family);
  };
  // Servers compress what they send, unless they are told not to. A redirect may need another connection.
  const headers = { 'user-agent': 'Safelight', accept: '*/*', 'accept-encoding': 'identity', connection: 'close' };
  const options = { lookup, headers, signal, timeout: maxIdleMs, agent: false } as const;
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? getHttps(url, options) : getHttp(url, options);
    let response: IncomingMessage | undefined;
    // The reader of a response gets only the error of the response.
    request.on('timeout', () => (response ?? request).destroy(new IdleError()));
    request.on('error', reject);
    request.on('response', (begun) => {
      response = begun;
      resolve(begun);
    });
  });
}

/** The other server was silent for too long. */
export class IdleError extends Error {
  override readonly name = 'IdleError';
}
