import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { GuardRouteOptions } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { express5 } from '../servers/servers.ts';
import type { Sent } from './clients.ts';
import { type Front, limiter, overridesMethod } from './mounts.ts';

export interface Attack {
  readonly name: string;
  readonly sent: Sent;
  /** The status of the handler for this request. */
  readonly status: number;
  /** Makes a handler that fails for this request. It calls `fail` for a request that it refuses. */
  readonly handlerOf: (succeed: RequestHandler, fail: RequestHandler) => RequestHandler;
  /** Whether the handler can fail in one way only. */
  readonly failsItself?: boolean;
  /** Fields of the error response. */
  readonly errorFields?: Readonly<Record<string, string>>;
  readonly options?: GuardRouteOptions;
  /** Names of the fields that the attack is in. */
  readonly fields?: readonly string[];
  /** What a polite client sends. */
  readonly polite?: Sent;
  /** Whether the handler refuses the polite client too when it does not see the fields. */
  readonly needsFields?: boolean;
  /** Whether the handler waits for its client to leave. With a cache, a run does not end with its client. */
  readonly needsClient?: boolean;
  readonly only?: 'HTTP/1' | 'HTTP/2';
  /** Middleware that the attack needs in front of the guard. */
  readonly front?: Front;
}

type Test = (req: IncomingMessage) => boolean;

/** A handler that refuses some requests. */
export const refuses =
  (isRefused: Test): Attack['handlerOf'] =>
  (succeed, fail) =>
  (req, res, next) =>
    (isRefused(req) ? fail : succeed)(req, res, next);

const parses =
  (options: object): Attack['handlerOf'] =>
  (succeed) => {
    const parse = express5.json(options) as unknown as RequestHandler;
    return (req, res, next) => parse(req, res, (error) => (error ? next(error) : succeed(req, res, next)));
  };

/** Reads the whole body before it responds, as a handler does that has no regard to the method. */
const reads: Attack['handlerOf'] = (succeed) => async (req, res, next) => {
  for await (const _chunk of req);
  await succeed(req, res, next);
};

/** Fails when its client leaves. */
const waitsForClient: Attack['handlerOf'] = (succeed) => async (req, res, next) => {
  if (req.headers['x-slow'] === undefined) return succeed(req, res, next);
  await once(res, 'close');
  throw new Error('the client has left');
};

/** Sends the fields of its request to an upstream server, which it does not reach when Node refuses them. */
const forwards: Attack['handlerOf'] = (succeed) => (req, res, next) => {
  const { trailer } = req.headers;
  try {
    request({ port: 1, headers: trailer === undefined ? {} : { trailer } })
      .on('error', () => {})
      .end();
  } catch (error) {
    return next(error);
  }
  return succeed(req, res, next);
};

function wireBytes({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length + 2, 0);
}

const tooLong = refuses((req) => wireBytes(req) > 8192);
const json = (body: string, type = 'application/json'): Sent => ({
  headers: { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) },
  body,
});
const hostOf = (req: IncomingMessage) => req.headers.host ?? String(req.headers[':authority'] ?? '');
const is =
  (name: string, value: string): Test =>
  ({ headers }) =>
    headers[name] === value;

/** A request with one field that the handler refuses. */
export function field(name: string, status: number, more: Partial<Attack> = {}): Attack {
  const value = more.sent?.headers?.[name] ?? 'evil';
  return {
    name: `${name} that the handler refuses with ${status}`,
    sent: { headers: { [name]: value } },
    status,
    handlerOf: refuses(is(name, value)),
    fields: [name],
    ...more,
  };
}

/** A request without a field that polite requests have. */
export function missing(name: string, status: number, more: Partial<Attack> = {}): Attack {
  return {
    name: `a missing ${name}, refused with ${status}`,
    sent: {},
    status,
    handlerOf: refuses(({ headers }) => headers[name] !== 'good'),
    fields: [name],
    polite: { headers: { [name]: 'good' } },
    needsFields: true,
    ...more,
  };
}

const shortFields = (count: number, name: (i: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), 'x']));

const withBody: readonly Attack[] = [
  { name: 'a broken JSON body', sent: json('{'), status: 400, handlerOf: parses({}), failsItself: true },
  {
    name: 'a too large body',
    sent: json('[1,2,3,4,5,6]'),
    status: 413,
    handlerOf: parses({ limit: 9 }),
    failsItself: true,
  },
  {
    name: 'a body with an unknown charset',
    sent: json('{}', 'application/json; charset=x-evil'),
    status: 415,
    handlerOf: parses({}),
    failsItself: true,
  },
  {
    name: 'a body in an unknown content coding',
    sent: { ...json('{}'), headers: { ...json('{}').headers, 'content-encoding': 'evil' } },
    status: 415,
    handlerOf: parses({}),
    failsItself: true,
  },
  {
    name: 'a chunk without a length',
    sent: { headers: { 'transfer-encoding': 'chunked' }, body: 'evil\r\n' },
    status: 400,
    handlerOf: reads,
    failsItself: true,
    only: 'HTTP/1',
  },
  {
    name: 'a client that announces a body and leaves',
    sent: { headers: { 'content-length': '50' }, leaves: 'when the handler runs' },
    status: 0,
    handlerOf: reads,
    failsItself: true,
  },
  {
    name: 'a client that leaves after 100 Continue',
    sent: { headers: { expect: '100-continue', 'content-length': '50' }, leaves: 'after 100 Continue' },
    status: 0,
    handlerOf: reads,
    failsItself: true,
  },
  {
    name: 'a client that leaves a handler that waits for it',
    sent: { headers: { 'x-slow': '1' }, leaves: 'when the handler runs' },
    status: 0,
    handlerOf: waitsForClient,
    failsItself: true,
    needsClient: true,
  },
  {
    name: 'Trailer to a handler that sends it to an upstream server',
    sent: { headers: { trailer: 'x-evil' } },
    status: 500,
    handlerOf: forwards,
    failsItself: true,
  },
];

const tooMuch: readonly Attack[] = [400, 431, 500].flatMap((status) => [
  {
    name: `9 kB of one field, refused with ${status}`,
    sent: { headers: { 'x-long': 'x'.repeat(9000) } },
    status,
    handlerOf: tooLong,
    fields: ['x-long'],
  },
  {
    name: `9 kB of a cookie, refused with ${status}`,
    sent: { headers: { cookie: `a=${'x'.repeat(9000)}` } },
    status,
    handlerOf: tooLong,
    fields: ['cookie'],
  },
  {
    name: `9 kB of short fields, refused with ${status}`,
    sent: { headers: shortFields(900, (i) => `xx${i}`) },
    status,
    handlerOf: tooLong,
    fields: Array.from({ length: 900 }, (_, i) => `xx${i}`),
    only: 'HTTP/1' as const,
  },
]);

const hosts: readonly Attack[] = [
  {
    name: 'a foreign host',
    sent: { authority: 'evil' },
    status: 404,
    handlerOf: refuses((req) => hostOf(req) !== 'a'),
  },
  {
    name: 'the host in capital letters',
    sent: { authority: 'A' },
    status: 404,
    handlerOf: refuses((req) => hostOf(req) !== 'a'),
  },
  {
    name: 'no host',
    sent: { authority: null, version: '1.0' },
    status: 404,
    handlerOf: refuses((req) => hostOf(req) === ''),
    only: 'HTTP/1',
  },
  {
    name: 'an absolute-form target with a foreign host',
    sent: { target: (path) => `http://evil${path}`, authority: 'evil' },
    status: 404,
    handlerOf: refuses((req) => hostOf(req) !== 'a'),
    only: 'HTTP/1',
  },
  {
    name: 'an absolute-form target with the right host, to a handler that reads only paths',
    sent: { target: (path) => `http://a${path}` },
    status: 404,
    handlerOf: refuses((req) => !((req as { originalUrl?: string }).originalUrl ?? req.url ?? '').startsWith('/')),
    only: 'HTTP/1',
  },
  {
    name: 'the right :authority with a foreign Host',
    sent: { headers: { host: 'evil' } },
    status: 404,
    handlerOf: refuses((req) => hostOf(req) !== 'a'),
    only: 'HTTP/2',
  },
  {
    name: 'a foreign :authority with the right Host',
    sent: { authority: 'evil', headers: { host: 'a' } },
    status: 404,
    handlerOf: refuses((req) => req.headers[':authority'] !== 'a'),
    only: 'HTTP/2',
  },
];

const overrides: readonly Attack[] = ['x-http-method-override', 'x-http-method', 'x-method-override'].map((name) =>
  field(name, 405, { sent: { headers: { [name]: 'DELETE' } } }),
);

const ofHead: readonly Attack[] = [404, 405, 500].map((status) => ({
  name: `HEAD with a field that the handler refuses with ${status}`,
  sent: { method: 'HEAD', headers: { 'x-odd': 'evil' } },
  status,
  handlerOf: refuses(is('x-odd', 'evil')),
  fields: ['x-odd'],
}));

const refusedClients: readonly Attack[] = [401, 403].flatMap((status) => [
  field('referer', status),
  field('user-agent', status),
  field('cookie', status),
  missing('cookie', status),
  missing('x-api-key', status),
]);

const held403: readonly Attack[] = [
  missing('cookie', 403, { name: 'a missing cookie, refused with 403 where hold names it', options: { hold: [403] } }),
  field('cookie', 403, { name: 'a cookie that is refused with 403 where hold names it', options: { hold: 'all' } }),
];

/** Statuses that concern one request: they are not held, or only where `hold` names them. */
const odd: readonly Attack[] = [400, 406, 412, 413, 415, 416, 422, 429, 431, 451].map((status) =>
  field('x-odd', status),
);

/** Statuses that are held: `vary` separates the clients. */
const separated: readonly Attack[] = [404, 405, 500, 503].map((status) =>
  field('x-odd', status, { name: `a field in vary, refused with ${status}`, options: { vary: ['X-Odd'] } }),
);

/** The limiter of an application, which knows a client by its address. */
export const limited: Attack = field('x-forwarded-for', 503, {
  name: 'a limiter',
  sent: { headers: { 'x-forwarded-for': '192.0.2.1' } },
  errorFields: { 'Retry-After': '1' },
});

/** express-rate-limit around the handler. Only the client of the attack is over its limit. */
const limits =
  (status: number): Attack['handlerOf'] =>
  (succeed, fail) => {
    const limit = limiter({
      limit: ({ headers }) => (headers['x-client'] === 'evil' ? 0 : 1000),
      keyGenerator: ({ headers }) => String(headers['x-client']),
      statusCode: status,
      handler: (req, res, next) => void fail(req, res, next),
    });
    return (req, res, next) => limit(req, res, (error) => (error ? next(error) : succeed(req, res, next)));
  };

const realLimiter = (status: number, more: Partial<Attack> = {}): Attack =>
  field('x-client', status, { name: `express-rate-limit with ${status}`, handlerOf: limits(status), ...more });

const limiters: readonly Attack[] = [
  realLimiter(429),
  realLimiter(503, {
    name: 'express-rate-limit with 503, and the field of its key in vary',
    options: { vary: ['X-Client'] },
  }),
  { ...limited, name: 'a limiter with 503, and its field in vary', options: { vary: ['X-Forwarded-For'] } },
  { ...limited, name: 'a limiter with 429', status: 429 },
];

const ownErrors: readonly Attack[] = [
  { Vary: 'Cookie' },
  { Vary: '*' },
  { Vary: 'X-Odd' },
  { 'Cache-Control': 'private' },
  { 'Set-Cookie': 'a=1' },
].map((errorFields) =>
  field('x-odd', 404, { name: `a 404 with ${JSON.stringify(errorFields)}`, errorFields, failsItself: true }),
);

const overridden: Front = { name: 'method-override', stack: overridesMethod };

/** A POST that method-override makes a GET, with a body that the handler refuses. */
const overriddenPosts: readonly Attack[] = [json('{'), json('{}', 'application/json; charset=x-evil')].map((sent) => ({
  name: `a POST of ${sent.body} that method-override makes a GET`,
  sent: { ...sent, method: 'POST', headers: { ...sent.headers, 'x-http-method-override': 'GET' } },
  status: sent.body === '{' ? 400 : 415,
  handlerOf: parses({}),
  failsItself: true,
  front: overridden,
}));

export const attacks: readonly Attack[] = [
  ...withBody,
  ...tooMuch,
  ...hosts,
  ...overrides,
  ...overriddenPosts,
  ...ofHead,
  ...refusedClients,
  ...held403,
  ...odd,
  ...separated,
  ...limiters,
  ...ownErrors,
  field('expect', 501, { sent: { headers: { expect: '100-continue' } } }),
  field('te', 501, { sent: { headers: { te: 'gzip' } }, only: 'HTTP/1' }),
  field('upgrade', 501, { sent: { headers: { upgrade: 'evil' } }, only: 'HTTP/1' }),
];
