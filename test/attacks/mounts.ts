import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { cloud } from '@safelight/cloud';
import type { Originals } from '@safelight/core';
import type { GuardRouteOptions, Safelight } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { type Options, rateLimit } from 'express-rate-limit';
import { type Framework, passErrorsOn, type Stack } from '../servers/servers.ts';
import type { Listener } from './clients.ts';

const require = createRequire(import.meta.url);
const cors = require('cors') as () => RequestHandler;
const helmet = require('helmet') as () => RequestHandler;
const expressSession = require('express-session') as (options: object) => RequestHandler;
const cookieSession = require('cookie-session') as (options: object) => RequestHandler;
const compression = require('compression') as () => RequestHandler;
const methodOverride = require('method-override') as (field: string, options?: object) => RequestHandler;

/** A limiter of express-rate-limit. Without Express there is no `req.ip`, which it takes by default. */
export function limiter(options: Partial<Options>): RequestHandler {
  const keyGenerator = ({ socket }: IncomingMessage) => socket.remoteAddress ?? '';
  return rateLimit({ keyGenerator, validate: false, ...options }) as unknown as RequestHandler;
}

/** Writes to the session, so that its cookie is sent. */
const visits: RequestHandler = (req, _res, next) => {
  (req as unknown as { session: { visits: number } }).session.visits = 1;
  next();
};

/** Makes GET of a POST, if a field says so. */
export const overridesMethod: Stack = [methodOverride('X-HTTP-Method-Override')];

/** Middleware of applications in front of a guard. */
export interface Front {
  readonly name: string;
  readonly stack: Stack;
  readonly only?: 'HTTP/1';
}

export const fronts: readonly Front[] = [
  { name: 'nothing', stack: [] },
  {
    name: 'helmet, cors and express-session',
    stack: [helmet(), cors(), expressSession({ secret: 'a', resave: false, saveUninitialized: true })],
    // It calls a method of Node that responses of HTTP/2 do not have.
    only: 'HTTP/1',
  },
  {
    name: 'compression, method-override and express-rate-limit',
    stack: [compression(), methodOverride('X-HTTP-Method-Override'), limiter({ limit: 1000 })],
    // compression and on-headers expect the response of HTTP/1.
    only: 'HTTP/1',
  },
  { name: 'helmet, cors and cookie-session', stack: [helmet(), cors(), cookieSession({ keys: ['a'] }), visits] },
];

export const picture: RequestHandler = (_req, res) => {
  res.setHeader('Cache-Control', 'max-age=60');
  res.setHeader('Content-Type', 'image/png');
  res.end('picture');
};

export interface MountParts {
  readonly safelight: Safelight;
  readonly framework: Framework;
  readonly front: Stack;
  /** Makes the handler from what it does with a request that it does not refuse. */
  readonly handlerOf: (succeed: RequestHandler) => RequestHandler;
  readonly options: GuardRouteOptions;
  /** Names of the fields that the attack is in. */
  readonly fields: readonly string[];
  /** The name of the cloud, and the first segment of the path. */
  readonly name: string;
  readonly originals: Originals;
}

export interface Mount {
  readonly name: string;
  /** What the handler gets of a request: all of it, only what selects a response, or nothing. */
  readonly sees: 'all' | 'selection' | 'nothing';
  readonly isCached?: boolean;
  listenerOf(parts: MountParts): Listener;
}

function cloudOf({ safelight, name, originals }: MountParts): RequestHandler {
  const handler = async () => ({ contentType: 'image/png', format: 'png', body: Buffer.from('picture') });
  return cloud(safelight, name, { originals, handler, early: true });
}

export const mounts: readonly Mount[] = [
  {
    name: 'guard',
    sees: 'all',
    listenerOf: ({ safelight, framework, front, handlerOf, options }) =>
      framework.listenerOf([...front, safelight.guard(handlerOf(picture), options)]),
  },
  {
    name: 'guard with cache',
    sees: 'selection',
    isCached: true,
    listenerOf: ({ safelight, framework, front, handlerOf, options }) =>
      framework.listenerOf([...front, safelight.guard(handlerOf(picture), { ...options, cache: true })]),
  },
  {
    name: 'guard with cache that forwards the fields of the attack',
    sees: 'all',
    isCached: true,
    listenerOf: ({ safelight, framework, front, handlerOf, options, fields }) =>
      framework.listenerOf([
        ...front,
        safelight.guard(handlerOf(picture), { ...options, cache: true, forward: fields }),
      ]),
  },
  {
    name: 'middleware',
    sees: 'all',
    listenerOf: ({ safelight, framework, front, handlerOf, options }) =>
      framework.listenerOf([...front, safelight.middleware(options), passErrorsOn(handlerOf(picture))]),
  },
  {
    name: 'listener',
    sees: 'all',
    listenerOf: ({ safelight, framework, front, handlerOf, options }) =>
      safelight.listener(
        framework.listenerOf([...front, safelight.guard(handlerOf(picture), { ...options, early: true })]),
      ),
  },
  {
    name: 'cloud',
    sees: 'nothing',
    isCached: true,
    listenerOf: (parts) => parts.safelight.listener(parts.framework.listenerOf([...parts.front, cloudOf(parts)])),
  },
  {
    name: 'cloud behind the handler',
    sees: 'all',
    isCached: true,
    listenerOf: (parts) =>
      parts.framework.listenerOf([
        ...parts.front,
        passErrorsOn(parts.handlerOf((_req, _res, next) => next())),
        cloudOf(parts),
      ]),
  },
];
