import assert from 'node:assert/strict';
import { OutgoingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Next, RequestHandler } from '@safelight/http';
import { ask } from '../../../test/servers/ask.ts';
import { closeServers, type Framework, frameworks, type Listening, serve } from '../../../test/servers/servers.ts';
import { createPrivateNotice } from '../src/private-notice.ts';
import { writeResponse } from '../src/write-response.ts';

const compression = createRequire(import.meta.url)('compression') as () => RequestHandler;

/** Frozen, because one object is used for many requests. */
const picture = Object.freeze({
  status: 200,
  headers: Object.freeze({ 'Content-Type': 'text/plain', 'Cache-Control': 'public, max-age=60', 'Content-Length': 3 }),
  body: 'cat',
});

/** Makes a middleware that replaces `writeHead`, and sets a header before the previous one runs. */
function atWriteHead(set: (res: ServerResponse) => void): RequestHandler {
  return (_req, res, next) => {
    const { writeHead } = res;
    res.writeHead = ((...args: unknown[]) => {
      set(res);
      return Reflect.apply(writeHead, res, args) as unknown;
    }) as typeof writeHead;
    next();
  };
}

const cookieAtWriteHead = atWriteHead((res) => res.setHeader('Set-Cookie', 'a=1'));

function both(...handlers: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => {
    const step = (i: number): unknown =>
      handlers[i]?.(req, res, () => step(i + 1)) ?? (i === handlers.length && next());
    step(0);
  };
}

describe('write response', () => {
  afterEach(closeServers);

  function site(front: RequestHandler, faults: unknown[] = [], response = picture): Promise<Listening> {
    const onMadePrivate = createPrivateNotice((error) => faults.push(error));
    return serve(frameworks[2] as Framework, front, (req, res) => writeResponse(req, res, response, { onMadePrivate }));
  }

  const settings: Readonly<Record<string, RequestHandler>> = {
    before: (_req, res, next) => next(void res.setHeader('set-cookie', 'a=1')),
    'by setHeader during writeHead': cookieAtWriteHead,
    'by appendHeader during writeHead': atWriteHead((res) => res.appendHeader('Set-Cookie', 'a=1')),
    'by setHeaders during writeHead': atWriteHead((res) => res.setHeaders(new Map([['Set-Cookie', 'a=1']]))),
    // The package `cookies` does this for a response with a function `set`.
    'by the function of a prototype during writeHead': atWriteHead((res) => {
      OutgoingMessage.prototype.setHeader.call(res, 'Set-Cookie', 'a=1');
    }),
    'in front of compression': both(cookieAtWriteHead, compression()),
    'behind compression': both(compression(), cookieAtWriteHead),
    'while the response is held back': (_req, res, next) => {
      const { writeHead, end } = res;
      let status = 200;
      res.writeHead = ((given: number) => {
        status = given;
        return res;
      }) as typeof writeHead;
      res.end = ((body: string) => {
        setImmediate(() => {
          res.setHeader('Set-Cookie', 'a=1');
          writeHead.call(res, status);
          end.call(res, body, 'utf8');
        });
        return res;
      }) as typeof end;
      next();
    },
  };

  for (const [how, front] of Object.entries(settings)) {
    it(`a cookie that is set ${how}: the response is private, which is reported once`, async () => {
      const faults: unknown[] = [];
      const server = await site(front, faults);
      for (let i = 0; i < 3; i += 1) {
        const { status, headers, text } = await ask(server, '/');
        assert.deepEqual([status, text, headers['set-cookie']], [200, 'cat', ['a=1']]);
        assert.equal(headers['cache-control'], 'private, max-age=60');
      }
      assert.deepEqual(
        faults.map((fault) => (fault as Error).message.includes('after Safelight')),
        [true],
      );
    });
  }

  it('without a cookie it stays public, also with a replaced writeHead, and nothing is reported', async () => {
    const faults: unknown[] = [];
    for (const front of [(_req: unknown, _res: unknown, next: Next) => next(), atWriteHead(() => {}), compression()]) {
      const { headers } = await ask(await site(front, faults), '/');
      assert.equal(headers['cache-control'], 'public, max-age=60');
    }
    assert.deepEqual(faults, []);
  });

  it('the response to the next client without a cookie is public again', async () => {
    const once: RequestHandler = (req, res, next) => (req.url === '/a' ? cookieAtWriteHead(req, res, next) : next());
    const server = await site(once);
    assert.equal((await ask(server, '/a')).headers['cache-control'], 'private, max-age=60');
    assert.equal((await ask(server, '/b')).headers['cache-control'], 'public, max-age=60');
  });

  it('no-store stays unchanged, and nothing is reported', async () => {
    const faults: unknown[] = [];
    const response = { ...picture, headers: { ...picture.headers, 'Cache-Control': 'no-store' } };
    const { headers } = await ask(await site(cookieAtWriteHead, faults, response as typeof picture), '/');
    assert.equal(headers['cache-control'], 'no-store');
    assert.deepEqual(faults, []);
  });

  it('a cookie of the response itself counts like one of the application', async () => {
    const response = { ...picture, headers: { ...picture.headers, 'Set-Cookie': 'own=1' } };
    const { headers } = await ask(await site((_req, _res, next) => next(), [], response), '/');
    assert.equal(headers['cache-control'], 'private, max-age=60');
  });

  it('each header is sent once, in the spelling of the response', async () => {
    const server = await site(
      both(
        atWriteHead(() => {}),
        cookieAtWriteHead,
      ),
    );
    const names = (await ask(server, '/')).rawHeaders.filter((_, at) => at % 2 === 0);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
    for (const name of Object.keys(picture.headers)) assert.ok(names.includes(name), name);
  });

  it('a HEAD gets the headers of the GET', async () => {
    for (const front of Object.values(settings).slice(0, 2)) {
      const server = await site(front);
      const [get, head] = [await ask(server, '/'), await ask(server, '/', { method: 'HEAD' })];
      const { date: _, ...headers } = get.headers;
      const { date: __, ...ofHead } = head.headers;
      assert.deepEqual(ofHead, headers);
      assert.equal(head.text, '');
    }
  });

  it('throws like Node when the headers were already sent', async () => {
    const errors: unknown[] = [];
    const server = await serve(frameworks[2] as Framework, cookieAtWriteHead, (req, res) => {
      res.writeHead(200).end('first');
      try {
        writeResponse(req, res, picture);
      } catch (error) {
        errors.push((error as NodeJS.ErrnoException).code);
      }
    });
    assert.equal((await ask(server, '/')).text, 'first');
    assert.deepEqual(errors, ['ERR_HTTP_HEADERS_SENT']);
  });
});
