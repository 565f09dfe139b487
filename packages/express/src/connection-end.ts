import type { IncomingMessage } from 'node:http';

/** A client that leaves ends or resets the connection; a connection destroyed by us shows neither. */
export function clientLeft({ socket }: IncomingMessage): boolean {
  const code = (socket.errored as NodeJS.ErrnoException | null)?.code;
  return socket.readableEnded || code === 'ECONNRESET' || code === 'EPIPE';
}

/**
 * Whether a connection was destroyed on this side without an error, as Express does after a late `next(error)`. One that
 * the client ended, reset or spoilt has an end or an error, and a server that shuts down destroys them all.
 */
export function destroyedByUs({ socket }: IncomingMessage): boolean {
  const { server } = socket as { readonly server?: { readonly listening: boolean } };
  return socket.errored === null && !socket.readableEnded && server?.listening !== false;
}
