import type { IncomingMessage } from 'node:http';

/** Whether a call has failed because its client has closed the connection. */
export function hasLeft(error: unknown, req: IncomingMessage): boolean {
  return req.destroyed && (!req.complete || isReset(error));
}

/** Node also ends a request with this error when the client has sent all of it and closes its side of the connection. */
function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
