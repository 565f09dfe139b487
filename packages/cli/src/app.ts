import type { RequestHandler } from '@safelight/express';
import express, { type ErrorRequestHandler, type Express, type Router } from 'express';

export interface AppParts {
  /** Delivery URLs, upload API and control routes. */
  readonly delivery: RequestHandler;
  /** The routes that tell the state of the process. */
  readonly health: Router;
  readonly cloud: string;
  /** `trust proxy` of Express, as a text. */
  readonly trustProxy: string | undefined;
  readonly onError: (error: unknown) => void;
}

/** Creates the application of the server: the routes of the cloud, and a 404 response for all other paths. */
export function createApp({ delivery, health, cloud, trustProxy, onError }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  // Express reads a text as a list of addresses, and throws when one is wrong.
  if (trustProxy !== undefined) app.set('trust proxy', /^\d+$/.test(trustProxy) ? Number(trustProxy) : trustProxy);
  app.use(delivery);
  app.use(health);
  app.use((_req, res) => {
    res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }).status(404).type('text');
    res.send(`Not found. Pictures are at /${cloud}/image/upload/…, and uploads go to /v1_1/${cloud}/image/upload.\n`);
  });

  // Express recognizes an error handler by its four parameters.
  const respondWithError: ErrorRequestHandler = (error, _req, res, _next) => {
    onError(error);
    if (res.headersSent) return void res.destroy();
    const status = statusOf(error);
    res.set('Cache-Control', 'no-store').status(status).type('text');
    res.send(status < 500 ? 'The request cannot be read.\n' : 'The server failed. Its log has the reason.\n');
  };
  app.use(respondWithError);
  return app;
}

/** Express sets `status` on errors that the client has caused. */
function statusOf(error: unknown): number {
  const { status } = Object(error) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
