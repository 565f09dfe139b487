import type { IncomingMessage, ServerResponse } from 'node:http';

/** Passes the request to the next handler, or an error to the application's error handlers. */
export type Next = (error?: unknown) => void;

/** Any Express, Connect or plain `node:http` handler. */
export type RequestHandler<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
> = (req: Req, res: Res, next: Next) => unknown;
