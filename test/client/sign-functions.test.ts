import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type SignUploadOptions, signUpload, type UploadSigner } from '@safelight/client/sign';
import express from 'express';
import { listen } from './sign-site.ts';
import { apiKey, apiSecret } from './sign-upload.ts';

const headers = { 'content-type': 'application/json' };

function post(sign: UploadSigner<Request>, parameters: object, cookie = ''): Promise<Response> {
  const body = JSON.stringify(parameters);
  return sign(new Request('http://site.example/sign', { method: 'POST', headers: { ...headers, cookie }, body }));
}

const userOf = (request: Request): string | undefined => request.headers.get('cookie')?.slice('user='.length);
const byUser = signUpload({
  apiKey,
  apiSecret,
  authorize: async (request: Request) => userOf(request) !== '',
  allow: { publicId: async (publicId, request) => publicId.startsWith(`users/${userOf(request)}/`) },
});

describe('the functions of signUpload()', () => {
  it('get the request of a web framework, and decide for each user', async () => {
    const parameters = { public_id: 'users/42/cat', overwrite: '0' };
    assert.equal((await post(byUser, parameters, 'user=42')).status, 200);
    assert.equal((await post(byUser, parameters, 'user=43')).status, 403);
    const response = await post(byUser, parameters);
    assert.equal(response.status, 403);
    assert.deepEqual(await response.json(), {
      error: { message: 'This request may not upload: authorize of signUpload() does not allow it.' },
    });
  });

  it('get the request of Express, with what its middleware has set', async () => {
    interface Session extends express.Request {
      user?: string;
    }
    const sign = signUpload({
      apiKey,
      apiSecret,
      authorize: (request: Session) => request.user !== undefined,
      allow: { publicId: (publicId, request) => publicId.startsWith(`users/${request.user}/`) },
    });
    const app = express();
    app.use((req: Session, _res, next) => {
      if (req.query['user']) req.user = String(req.query['user']);
      next();
    });
    app.post('/sign', sign.express);
    const site = await listen(app);
    const body = JSON.stringify({ public_id: 'users/42/cat', overwrite: '0' });
    const statusFor = async (user: string) =>
      (await fetch(`${site.origin}/sign?user=${user}`, { method: 'POST', headers, body })).status;
    assert.deepEqual(await Promise.all([statusFor('42'), statusFor('43'), statusFor('')]), [200, 403, 403]);
    await site.close();
  });

  it('are asked before the body is read', async () => {
    const sign = signUpload({ apiKey, apiSecret, authorize: () => false });
    const body = new ReadableStream({ pull: () => assert.fail('the body was read') }, { highWaterMark: 0 });
    const init: RequestInit = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    assert.equal((await sign(new Request('http://site.example/sign', init))).status, 403);
  });

  for (const value of [undefined, null, false]) {
    it(`refuse when they return ${value}`, async () => {
      assert.equal((await post(signUpload({ apiKey, apiSecret, authorize: () => value }), {})).status, 403);
      const sign = signUpload({ apiKey, apiSecret, allow: { tags: () => value } });
      assert.equal((await post(sign, { tags: 'pet' })).status, 403);
    });
  }

  for (const value of [1, 'false', {}, []]) {
    it(`fail when they return ${JSON.stringify(value)}, which is neither true nor false`, async () => {
      const returning = (() => value) as unknown as () => boolean;
      await assert.rejects(post(signUpload({ apiKey, apiSecret, authorize: returning }), {}), {
        name: 'TypeError',
        message: `authorize of signUpload() returned ${typeof value}; it must return true or false.`,
      });
      await assert.rejects(post(signUpload({ apiKey, apiSecret, allow: { tags: returning } }), { tags: 'pet' }), {
        message: `allow.tags of signUpload() returned ${typeof value}; it must return true or false.`,
      });
    });
  }

  it('pass their errors to the application, unchanged', async () => {
    const error = new RangeError('the session store is down');
    const authorize = () => Promise.reject(error);
    await assert.rejects(post(signUpload({ apiKey, apiSecret, authorize }), {}), error);
    const passed: unknown[] = [];
    const app = express();
    app.post('/sign', signUpload({ apiKey, apiSecret, authorize }).express);
    app.use(((passedError, _req, res, _next) => {
      passed.push(passedError);
      res.sendStatus(503);
    }) as express.ErrorRequestHandler);
    const site = await listen(app);
    assert.equal((await fetch(`${site.origin}/sign`, { method: 'POST', headers, body: '{}' })).status, 503);
    assert.deepEqual(passed, [error]);
    await site.close();
  });
});

describe('a rule of signUpload()', () => {
  const rules: readonly (readonly [rule: SignUploadOptions['allow'], parameters: object, status: number])[] = [
    // A pattern has to match the whole value, also when it has flags.
    [{ tags: /pet/ }, { tags: 'pets' }, 403],
    [{ tags: /a|ab/ }, { tags: 'ab' }, 200],
    [{ tags: /^pet$/gimy }, { tags: 'PET' }, 200],
    [{ tags: 'pet' }, { tags: 'pet,pet' }, 200],
    [{ tags: [] }, { tags: 'pet' }, 403],
    [{ eager: [{ width: 300, crop: 'fill' }] }, { eager: 'c_fill,w_300' }, 200],
    [{ eager: [] }, { eager: 'c_fill,w_300' }, 403],
  ];
  for (const [allow, parameters, status] of rules) {
    const shown = Object.entries(allow ?? {}).map(
      ([name, rule]) => `${name}: ${rule instanceof RegExp ? rule : JSON.stringify(rule)}`,
    );
    it(`${shown} makes ${JSON.stringify(parameters)} a ${status}`, async () => {
      const sign = signUpload({ apiKey, apiSecret, allow });
      // Twice: a pattern with the flag `g` would have a state.
      assert.deepEqual(
        [(await post(sign, parameters)).status, (await post(sign, parameters)).status],
        [status, status],
      );
    });
  }
});

describe('signUpload() refuses at its creation', () => {
  const untyped = signUpload as (options?: unknown) => unknown;
  const keys = { apiKey, apiSecret };
  const mistakes: readonly (readonly [options: unknown, message: RegExp])[] = [
    [
      { apiKey, apiSecret: undefined },
      /^signUpload\(\): apiSecret is undefined; it must be the API secret of your cloud\.$/,
    ],
    [{ apiKey: '', apiSecret }, /^signUpload\(\): apiKey is an empty string/],
    [{ ...keys, alow: {} }, /alow.*Did you mean allow\?/],
    [{ ...keys, allow: { publicID: /x/ } }, /publicID.*Did you mean publicId\?/],
    [{ ...keys, allow: { publicId: true } }, /allow\.publicId is true; it must be a text, a list of texts, a pattern/],
    [{ ...keys, allow: { tags: [/pet/] } }, /allow\.tags is a list with a value that is not a text/],
    [{ ...keys, allow: { overwrite: 'no' } }, /allow\.overwrite is a string; it must be true or false\./],
    [{ ...keys, allow: { eager: { width: 300 } } }, /allow\.eager is an object; it must be a list of transformations/],
    [{ ...keys, allow: { eager: [{ width: 'x' }] } }, /^width is "x"/],
    [{ ...keys, authorize: true }, /authorize is true; it must be a function/],
    [undefined, /signUpload\(\)/],
  ];
  for (const [options, message] of mistakes) {
    it(String(message), () => {
      assert.throws(
        () => untyped(options),
        (error: Error) => {
          assert.match(error.message, message);
          assert.ok(!error.message.includes(apiSecret));
          return true;
        },
      );
    });
  }
});

describe('a client that leaves signUpload() while it sends', () => {
  it('does not stop the server', async () => {
    let asked = 0;
    const errors: unknown[] = [];
    const sign = signUpload({ apiKey, apiSecret, authorize: () => ++asked > 0 });
    const site = await listen((req, res) => sign.express(req, res, (error) => errors.push(error)));
    const socket = connect(Number(new URL(site.origin).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"tags"');
    while (asked === 0) await new Promise(setImmediate);
    socket.destroy();
    assert.equal((await fetch(site.origin, { method: 'POST', headers, body: '{}' })).status, 200);
    await site.close();
    assert.deepEqual(errors, []);
  });
});
