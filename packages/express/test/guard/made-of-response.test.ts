import assert from 'node:assert/strict';
import { ServerResponse } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import { ask, exchange, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const get = 'GET /cat HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** Replaces the prototype of a response, as Express does. */
function withPrototype(res: ServerResponse): ServerResponse {
  const own = Object.create(Object.getPrototypeOf(res), { own: { get: () => 'own' } });
  return Object.setPrototypeOf(res, own);
}

/** The ways in which handlers and frameworks change or wrap a response before they use it. */
const makings: Readonly<Record<string, (res: ServerResponse) => ServerResponse>> = {
  // Without `bind`, and with an object that inherits from the response, Node itself fails.
  'a proxy': (res) =>
    new Proxy(res, {
      get(target, name) {
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
      set: (target, name, value) => Reflect.set(target, name, value),
    }),
  'another prototype': withPrototype,
  'functions around its own': (res) => {
    const { write, end, writeHead } = res;
    return Object.assign(res, {
      write: (...args: unknown[]) => Reflect.apply(write, res, args),
      end: (...args: unknown[]) => Reflect.apply(end, res, args),
      writeHead: (...args: unknown[]) => Reflect.apply(writeHead, res, args),
    });
  },
};

/** The ways to respond with a status. */
const ways: Readonly<Record<string, (res: ServerResponse, status: number) => unknown>> = {
  'statusCode and end': (res, status) => {
    res.statusCode = status;
    res.setHeader('X-Mine', '1');
    res.end('mine');
  },
  'statusCode, write and end': (res, status) => {
    res.statusCode = status;
    res.write('mi');
    res.end('ne');
  },
  'writeHead and end': (res, status) => {
    res.writeHead(status, { 'X-Mine': '1' });
    res.end('mine');
  },
  'flushHeaders and end': (res, status) => {
    res.statusCode = status;
    res.flushHeaders();
    res.end('mine');
  },
};

const { writeHead, write, end } = ServerResponse.prototype;

describe('guard: changed or wrapped responses', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const [what, make] of Object.entries(makings)) {
        for (const [how, respond] of Object.entries(ways)) {
          it(`${what}, with ${how}: a success is unchanged byte for byte, a failure is held`, async () => {
            let status = 201;
            const work = counted((_req, res) => void respond(make(res), status));
            const bare = await serve(framework, work);
            const guarded = await serve(framework, scene().safelight.guard(work));
            assert.equal(await exchange(guarded, get), await exchange(bare, get));
            status = 404;
            const first = await ask(guarded, '/cat');
            assert.deepEqual([first.status, rungOf(first), first.headers['x-mine']], [404, 1, undefined]);
            assert.equal(isHeld(await ask(guarded, '/cat')), true);
            assert.equal(work.runs, 3);
          });
        }
      }

      const past: Readonly<Record<string, RequestHandler>> = {
        'all of it': (_req, res) => {
          Reflect.apply(writeHead, res, [404, { 'Content-Length': 4 }]);
          Reflect.apply(write, res, ['mi']);
          Reflect.apply(end, res, ['ne']);
        },
        'the status line only': (_req, res) => {
          Reflect.apply(writeHead, res, [404, { 'Content-Length': 4 }]);
          res.write('mi');
          res.end('ne');
        },
      };
      for (const [what, handler] of Object.entries(past)) {
        it(`a failure that is sent past the guard, ${what}: reaches its client and is held for the next`, async () => {
          const work = counted(handler);
          const bare = await serve(framework, work);
          const guarded = await serve(framework, scene({ timeoutMs: 60_000 }).safelight.guard(work));
          const expected = await exchange(bare, get);
          assert.match(expected, /\r\n\r\nmine$/);
          assert.equal(await exchange(guarded, get), expected);
          assert.equal(isHeld(await ask(guarded, '/cat')), true);
          assert.equal(work.runs, 2);
        });
      }
    });
  }
});
