import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fieldText, forwardedValue, targetOrigin } from '@safelight/http';
import { LRUCache } from 'lru-cache';

export interface VariantOptions {
  /** Names of request fields, in lower case. */
  readonly vary: readonly string[];
  /** Hosts that have ladders of their own; all others share one. `undefined`: each host has its own. */
  readonly hosts: readonly string[] | undefined;
}

const maxRemembered = 1000;
const maxRememberedLength = 1000;

/**
 * Returns the variant of a request's target: a short text that is equal for two requests if they have the same
 * authority (RFC 9111 section 2: the target URI is part of a cache key) and the same values in the `vary` fields. The
 * values are hashed, so that no cookie is stored.
 */
export function createRequestVariant({ vary, hosts }: VariantOptions): (req: IncomingMessage) => string {
  const listed = hosts === undefined ? undefined : new Set(hosts.map((host) => host.toLowerCase()));
  const remembered = new LRUCache<string, string>({ max: maxRemembered });
  // Nearly all requests have the same authority as the one before. To compare it is faster than to build and look up a text.
  let last: (Authority & { readonly variant: string }) | undefined;

  return function requestVariant(req) {
    const authority = authorityOf(req);
    const { scheme, host } = authority;
    const dependsOnFields = vary.length > 0;
    if (!dependsOnFields && last?.host === host && last.scheme === scheme) return last.variant;
    const origin = listed !== undefined && !listed.has(host) ? '' : `${scheme}://${host}`;
    const text = dependsOnFields ? JSON.stringify([origin, ...vary.map((name) => fieldOf(req, name))]) : origin;
    const variant = remembered.get(text) ?? createHash('sha256').update(text).digest('base64url').slice(0, 16);
    if (text.length > maxRememberedLength) return variant;
    remembered.set(text, variant);
    last = { scheme, host, variant };
    return variant;
  };
}

function fieldOf({ headers }: IncomingMessage, name: string): string | null {
  return fieldText(headers, name) ?? null;
}

interface Authority {
  readonly scheme: string;
  readonly host: string;
}

/**
 * The authority of the target URI. A request target in absolute-form goes before `Host` (RFC 9112 section 3.2.2). The
 * letters of `Host` stay as they are, because a handler may know only a host in lower case, which browsers send.
 */
function authorityOf(req: IncomingMessage): Authority {
  const origin = targetOrigin((req as { readonly originalUrl?: string }).originalUrl ?? req.url ?? '/');
  const { headers } = req;
  const authority =
    origin === '' ? (headers[':authority'] as string | undefined) : origin.slice(origin.indexOf('://') + 3);
  const { host = authority ?? '' } = headers;
  // A handler may read either field, so a request in which they differ shares nothing with one in which they are equal.
  const both = authority === undefined || authority === host ? host : `${host} ${authority}`;
  if (origin !== '') return { scheme: origin.slice(0, origin.indexOf(':')), host: both };
  const scheme = forwardedValue(req, 'x-forwarded-proto') ?? schemeOf(req);
  return { scheme, host: forwardedValue(req, 'x-forwarded-host') ?? both };
}

function schemeOf({ socket }: IncomingMessage): string {
  return 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
}
