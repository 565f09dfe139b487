import type { IncomingMessage } from 'node:http';

/** The URL as the client sent it, also below a mount point. */
export function urlOf(req: IncomingMessage): string {
  return (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
}
