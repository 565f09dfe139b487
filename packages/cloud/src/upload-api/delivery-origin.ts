import type { IncomingMessage } from 'node:http';
import { targetOrigin } from '@safelight/http';
import { badRequest } from './api-error.ts';

const hostname = /^(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * Where delivery URLs begin when nothing is configured: the protocol, the host and, below a mounted Express router, its
 * path. The host is that of the `Host` header, or of a request target in absolute-form, which goes before the header
 * (RFC 9112 section 3.2.2).
 *
 * @throws {ApiError} 400 when it is not a host: it would be copied into every URL of the answer
 */
export function originOf(req: IncomingMessage): string {
  const target = targetOrigin(req.url ?? '/');
  const host = target === '' ? (req.headers.host ?? '') : target.slice(target.indexOf('://') + 3);
  if (!hostname.test(host)) throw badRequest(`Invalid ${target === '' ? 'Host header' : 'host in the request target'}`);
  const { protocol, baseUrl } = req as { readonly protocol?: unknown; readonly baseUrl?: unknown };
  const isEncrypted = 'encrypted' in req.socket && req.socket.encrypted === true;
  // Express knows the outer protocol behind a proxy that it was told to trust
  const scheme = isEncrypted || protocol === 'https' || /^https:/i.test(target) ? 'https' : 'http';
  return `${scheme}://${host}${typeof baseUrl === 'string' ? baseUrl : ''}`;
}
