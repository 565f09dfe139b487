import type { IncomingMessage } from 'node:http';
import { badRequest } from './api-error.ts';

const hostname = /^(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * Where delivery URLs begin when nothing is configured: the protocol, the `Host` header and, below a mounted Express
 * router, its path.
 *
 * @throws {ApiError} 400 when `Host` is no host: it would be copied into every URL of the answer
 */
export function originOf(req: IncomingMessage): string {
  const host = req.headers.host ?? '';
  if (!hostname.test(host)) throw badRequest('Invalid Host header');
  const { protocol, baseUrl } = req as { readonly protocol?: unknown; readonly baseUrl?: unknown };
  const isEncrypted = 'encrypted' in req.socket && req.socket.encrypted === true;
  // Express knows the outer protocol behind a proxy that it was told to trust
  const scheme = isEncrypted || protocol === 'https' ? 'https' : 'http';
  return `${scheme}://${host}${typeof baseUrl === 'string' ? baseUrl : ''}`;
}
