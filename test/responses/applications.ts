import { createRequire } from 'node:module';
import type { RequestHandler } from '@safelight/http';

const require = createRequire(import.meta.url);
const cors = require('cors') as (options: object) => RequestHandler;
const helmet = require('helmet') as () => RequestHandler;
const expressSession = require('express-session') as (options: object) => RequestHandler;
const cookieSession = require('cookie-session') as (options: object) => RequestHandler;

/** The origin of the page that sends the requests. */
export const page = 'https://page.example';

export interface Application {
  readonly name: string;
  /** The middleware in front of Safelight, in order. */
  readonly stack: readonly RequestHandler[];
  /** `Access-Control-Allow-Origin` of every response; `undefined`: none, so the browser denies access. */
  readonly allowOrigin: string | undefined;
  /** Headers of the application that must be on every response, as they are. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A name in the `Vary` of every response. */
  readonly vary?: string;
  /** The number of `Set-Cookie` headers on every response. @default 0 */
  readonly cookies?: number;
}

function setting(fields: Readonly<Record<string, string>>): RequestHandler {
  return (_req, res, next) => {
    for (const [name, value] of Object.entries(fields)) res.setHeader(name, value);
    next();
  };
}

const session = () => expressSession({ secret: 'a', resave: false, saveUninitialized: true });

/** Writes to the session, so that its cookie is sent. */
const visits: RequestHandler = (req, _res, next) => {
  (req as unknown as { session: { visits: number } }).session.visits = 1;
  next();
};

/** Replaces `writeHead` by a function that calls the original, as loggers do. */
const ownWriteHead: RequestHandler = (_req, res, next) => {
  const { writeHead } = res;
  res.writeHead = ((...args: unknown[]) => {
    res.appendHeader('Set-Cookie', 'seen=1');
    return Reflect.apply(writeHead, res, args) as unknown;
  }) as typeof writeHead;
  next();
};

const list = { origin: [page], preflightContinue: true };
const allowed = { allowOrigin: page, vary: 'origin' };

export const applications: readonly Application[] = [
  { name: 'nothing', stack: [], allowOrigin: '*' },
  { name: 'cors with an allow-list', stack: [cors(list)], ...allowed },
  {
    name: 'cors with credentials and exposed headers',
    stack: [cors({ ...list, credentials: true, exposedHeaders: ['X-Mine'] })],
    ...allowed,
    headers: { 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'X-Mine' },
  },
  {
    name: 'cors with an allow-list that the page is not on',
    stack: [cors({ ...list, origin: ['https://other.example'] })],
    allowOrigin: undefined,
    vary: 'origin',
  },
  {
    name: 'cors with credentials, and an allow-list that the page is not on',
    stack: [cors({ ...list, origin: ['https://other.example'], credentials: true })],
    allowOrigin: undefined,
    vary: 'origin',
  },
  { name: 'Vary: Origin', stack: [setting({ Vary: 'Origin' })], allowOrigin: undefined, vary: 'origin' },
  { name: 'Vary: X-Theme', stack: [setting({ vary: 'X-Theme' })], allowOrigin: '*', vary: 'x-theme' },
  {
    name: 'helmet and a request ID',
    stack: [helmet(), setting({ 'X-Request-Id': 'seven' })],
    allowOrigin: '*',
    headers: { 'cross-origin-resource-policy': 'same-origin', 'x-request-id': 'seven' },
  },
  { name: 'a cookie', stack: [setting({ 'Set-Cookie': 'a=1' })], allowOrigin: '*', cookies: 1 },
  { name: 'a writeHead that sets a cookie', stack: [ownWriteHead], allowOrigin: '*', cookies: 1 },
  { name: 'express-session', stack: [session()], allowOrigin: '*', cookies: 1 },
  // The cookie and its signature.
  {
    name: 'cookie-session',
    stack: [cookieSession({ name: 'session', keys: ['a'] }), visits],
    allowOrigin: '*',
    cookies: 2,
  },
  {
    name: 'cors with credentials, helmet and cookie-session',
    stack: [cors({ ...list, credentials: true }), helmet(), cookieSession({ keys: ['a'] }), visits],
    ...allowed,
    headers: { 'access-control-allow-credentials': 'true', 'cross-origin-resource-policy': 'same-origin' },
    cookies: 2,
  },
];
