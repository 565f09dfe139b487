import type { IncomingMessage } from 'node:http';

/** Scheme and authority of an absolute-form request target (RFC 9112 section 3.2.2). */
const schemeAndAuthority = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/**
 * The URL of a request as the client sent it, also below a mount point: path and query.
 * Every reader of a request's URL uses this or `urlBelowMount`, so that one resource has one name in both forms.
 */
export function requestUrl(req: IncomingMessage): string {
  return originForm((req as { originalUrl?: string }).originalUrl ?? req.url ?? '/');
}

/** The URL of a request below the place where its handler is mounted: path and query. */
export function urlBelowMount(req: IncomingMessage): string {
  return originForm(req.url ?? '/');
}

/** A request target in origin-form. Targets that name no path (`*`, an authority) stay as they are. */
export function originForm(target: string): string {
  const origin = targetOrigin(target);
  if (origin === '') return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Scheme and authority of a request target; empty unless it is in absolute-form. */
export function targetOrigin(target: string): string {
  // Nearly every target begins with a slash.
  return target.startsWith('/') ? '' : (schemeAndAuthority.exec(target)?.[0] ?? '');
}
