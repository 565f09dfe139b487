import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Next, RequestHandler } from '@safelight/http';
import express5 from 'express';

const require = createRequire(import.meta.url);
const express4 = require('express4') as typeof express5;
const createConnect = require('connect') as () => ReturnType<typeof express5>;

/** The handlers for `app.use`, or for a chain without Express, in order. */
export type Stack = readonly RequestHandler[];

export interface Framework {
  readonly name: 'Express 5' | 'Express 4' | 'Connect' | 'node:http';
  listenerOf(stack: Stack): (req: IncomingMessage, res: ServerResponse) => void;
}

/**
 * Every mount is tested in all three. A request without a response from the stack gets a 404 with the text `nobody`; an error
 * gets the text `app: <message>`.
 */
export const frameworks: readonly Framework[] = [
  { name: 'Express 5', listenerOf: (stack) => expressApp(express5, stack) },
  { name: 'Express 4', listenerOf: (stack) => expressApp(express4, stack) },
  { name: 'node:http', listenerOf: chain },
];

/** Only some tests need it besides: the guard knows no framework, and Connect is between Express 4 and `node:http`. */
export const connect: Framework = { name: 'Connect', listenerOf: connectApp };

export { express4, express5 };

function expressApp(express: typeof express5, stack: Stack): ReturnType<typeof express5> {
  const app = express();
  for (const handler of stack) app.use(handler as unknown as express5.RequestHandler);
  app.use((_req, res) => void res.status(404).end('nobody'));
  const onError: express5.ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) return next(error);
    res.status((error as { status?: number }).status ?? 500).end(`app: ${(error as Error).message}`);
  };
  app.use(onError);
  app.set('env', 'test'); // Otherwise Express prints every error that reaches its own error handler.
  return app;
}

function connectApp(stack: Stack): (req: IncomingMessage, res: ServerResponse) => void {
  const app = createConnect();
  for (const handler of stack) app.use(handler as unknown as express5.RequestHandler);
  const onError: express5.ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) return next(error);
    res.statusCode = (error as { status?: number }).status ?? 500;
    res.end(`app: ${(error as Error).message}`);
  };
  app.use(onError);
  return app;
}

/** Runs one handler after the other in plain `node:http`. */
function chain(stack: Stack): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const step = (i: number, error?: unknown): void => {
      if (error) {
        if (res.headersSent) return void res.destroy();
        res.statusCode = (error as { status?: number }).status ?? 500;
        return void res.end(`app: ${(error as Error).message}`);
      }
      const handler = stack[i];
      if (handler === undefined) return void res.writeHead(404).end('nobody');
      const next: Next = (failure) => step(i + 1, failure);
      handler(req, res, next);
    };
    step(0);
  };
}

/** Plain `node:http` does not catch the errors of a handler, and Express 4 not those of an async handler. */
export function passErrorsOn(handler: RequestHandler): RequestHandler {
  return (req, res, next) => {
    try {
      const returned: unknown = handler(req, res, next);
      if (returned instanceof Promise) returned.catch(next);
    } catch (error) {
      next(error);
    }
  };
}

export interface Listening {
  readonly server: Server;
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

const running = new Set<Listening>();

export async function listen(listener: (req: IncomingMessage, res: ServerResponse) => void): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const listening: Listening = {
    server,
    port,
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        running.delete(listening);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  running.add(listening);
  return listening;
}

/** Serves a stack in one framework, until `closeServers` is called. */
export function serve(framework: Framework, ...stack: Stack): Promise<Listening> {
  return listen(framework.listenerOf(stack));
}

export async function closeServers(): Promise<void> {
  await Promise.all([...running].map((listening) => listening.close()));
}
