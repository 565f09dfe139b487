import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createSafelight } from '@safelight/express';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';

export interface OwnErrors {
  readonly app: Express;
  /** How often the handler has run. */
  readonly attempts: { pictures: number };
  /** The lines of the error log. */
  readonly log: readonly string[];
  /** What the error tracker has collected. */
  readonly collected: readonly unknown[];
}

/** An error of the application, with a status and a code of its own. */
class PictureError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * An application that responds to errors with its own JSON. The guard leaves them in these words. In the window the error
 * handlers get the same error again, with `held: true`.
 */
export function createOwnErrors(directory: string, clock: () => number = Date.now): OwnErrors {
  const attempts = { pictures: 0 };
  const log: string[] = [];
  const collected: unknown[] = [];
  const safelight = createSafelight({ clock });
  const app = express();

  const pictures: RequestHandler<{ id: string }> = async (req, res) => {
    attempts.pictures += 1;
    const file = join(directory, req.params.id);
    await access(file).catch(() => {
      throw new PictureError(404, 'no_such_picture', `There is no picture ${req.params.id}`);
    });
    res.sendFile(file);
  };
  const asset = (req: Request<{ id: string }>): string => req.params.id;
  app.get('/pictures/:id', safelight.guard(pictures, { asset }));

  const isHeld = (error: unknown): boolean => (error as { held?: boolean }).held === true;

  // Like the error handler of Sentry: it collects each error that is not held, and passes all errors on.
  const collectErrors: ErrorRequestHandler = (error, _req, _res, next) => {
    if (!isHeld(error)) collected.push(error);
    next(error);
  };
  const logErrors: ErrorRequestHandler = (error, req, _res, next) => {
    if (!isHeld(error)) log.push(`${req.method} ${req.originalUrl}: ${String(error)}`);
    next(error);
  };
  const respondWithJson: ErrorRequestHandler = (error, _req, res, _next) => {
    const { status = 500, code = 'failed', message } = error as Partial<PictureError>;
    res.status(status).json({ error: { code, message: status < 500 ? message : 'The picture failed' } });
  };
  app.use(collectErrors, logErrors, respondWithJson);
  return { app, attempts, log, collected };
}
