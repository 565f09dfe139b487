import type { RequestHandler } from '@safelight/express';
import express, { type ErrorRequestHandler, type Express } from 'express';

export interface AppParts {
  /** Delivery URLs, upload API and control routes. */
  readonly delivery: RequestHandler;
  readonly cloud: string;
  readonly onError: (error: unknown) => void;
}

/** The server's application: everything of the cloud, then an answer for everything else. */
export function createApp({ delivery, cloud, onError }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(delivery);
  app.use((_req, res) => {
    res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }).status(404).type('text');
    res.send(`Nothing is here. Pictures are at /${cloud}/image/upload/…, uploads go to /v1_1/${cloud}/image/upload.\n`);
  });

  // Express tells an error handler by its four parameters.
  const respondWithError: ErrorRequestHandler = (error, _req, res, _next) => {
    onError(error);
    if (res.headersSent) return void res.destroy();
    const status = statusOf(error);
    res.set('Cache-Control', 'no-store').status(status).type('text');
    res.send(status < 500 ? 'The request cannot be read.\n' : 'Something went wrong here. The log says what.\n');
  };
  app.use(respondWithError);
  return app;
}

/** Express marks what is the client's fault with a status of its own. */
function statusOf(error: unknown): number {
  const { status } = Object(error) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
