import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import { createSafelight, type Safelight, type SafelightOptions } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import { form } from '../upload-api/api-server.ts';
import { partSender } from '../upload-api/part-sender.ts';
import { png } from '../upload-api/png.ts';

const authorization = `Basic ${btoa('1234:safelight-secret')}`;

describe('the control routes', () => {
  let server: Server;
  let directory: string;
  let origin: string;
  let now: number;
  let safelight: Safelight;

  async function start(options: SafelightOptions = {}) {
    now = Date.now();
    directory = await mkdtemp(join(tmpdir(), 'safelight-control-'));
    safelight = createSafelight({ clock: () => now, ...options });
    const delivery = cloud(safelight, 'demo', {
      originals: fileOriginals({ directory }),
      handler: sharpHandler(),
      apiKey: '1234',
      apiSecret: 'safelight-secret',
      uploadPresets: ['quickstart'],
    });
    server = createServer((req, res) => delivery(req, res, () => res.writeHead(404).end('passed on')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });

  const whyPath = '/_safelight/why?url=/demo/image/upload/cat.png';
  const why = (headers: Record<string, string> = {}) => fetch(origin + whyPath, { headers });

  describe('for pages of other origins', () => {
    for (const path of [whyPath, '/_safelight/assets/image/cat?cloud=demo']) {
      it(`allow the key in a preflight: ${path}`, async () => {
        await start();
        const response = await fetch(origin + path, {
          method: 'OPTIONS',
          headers: {
            origin: 'https://example.org',
            'access-control-request-method': 'GET',
            'access-control-request-headers': 'accept,authorization',
          },
        });
        assert.equal(response.status, 204);
        assert.equal(response.headers.get('access-control-allow-origin'), '*');
        assert.equal(response.headers.get('access-control-allow-methods'), 'GET, HEAD, OPTIONS');
        assert.match(response.headers.get('access-control-allow-headers') ?? '', /\bAuthorization\b.*\bAccept\b/);
        assert.equal(response.headers.get('access-control-max-age'), '7200');
      });

      it(`let them read the response and Retry-After: ${path}`, async () => {
        await start();
        const response = await fetch(origin + path);
        assert.equal(response.headers.get('access-control-allow-origin'), '*');
        assert.equal(response.headers.get('access-control-expose-headers'), 'Retry-After');
      });
    }

    it('pass on a preflight for other paths', async () => {
      await start();
      for (const path of ['/_safelight/else', '/_safelight/', '/other']) {
        assert.equal(await (await fetch(origin + path, { method: 'OPTIONS' })).text(), 'passed on');
      }
    });
  });

  describe('why', () => {
    it('has a rate limit, except for administrators', async () => {
      await start({ whyRate: { perSecond: 0.5, burst: 2 } });
      const statuses = async (count: number) => {
        const responses: number[] = [];
        for (let n = 0; n < count; n++) responses.push((await why()).status);
        return responses;
      };
      assert.deepEqual(await statuses(3), [200, 200, 429]);
      now += 500;
      const refused = await why();
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2']);
      assert.deepEqual(await refused.json(), {
        error: { message: 'Too many requests for /_safelight/why; repeat this one in 2 s.' },
      });
      assert.equal((await why({ authorization })).status, 200);
      assert.equal((await why({ authorization: `Basic ${btoa('1234:wrong')}` })).status, 429);
      now += 1_500;
      assert.deepEqual(await statuses(2), [200, 429]);
      now += 3_600_000;
      assert.deepEqual(await statuses(3), [200, 200, 429]);
    });

    it('and the status of assets have one limit for each client address', async () => {
      await start({ whyRate: { perSecond: 0.5, burst: 2 } });
      const statusFor = async (path: string, localAddress: string) => {
        const [response] = (await once(get(origin + path, { localAddress }), 'response')) as [IncomingMessage];
        response.resume();
        return response.statusCode;
      };
      const assetPath = '/_safelight/assets/raw/notes?cloud=demo';
      const one = [await statusFor(whyPath, '127.0.0.1'), await statusFor(assetPath, '127.0.0.1')];
      assert.deepEqual([...one, await statusFor(assetPath, '127.0.0.1')], [200, 200, 429]);
      assert.equal(await statusFor(whyPath, '127.0.0.2'), 200);
    });

    it('shows the details of a cloud only with the key of this cloud', async () => {
      await start();
      const second = cloud(safelight, 'second', {
        originals: fileOriginals({ directory }),
        handler: sharpHandler(),
        apiKey: '5',
        apiSecret: 'other',
      });
      assert.equal(typeof second, 'function');
      await fetch(`${origin}/demo/image/upload/cat.png`);
      const textFor = async (key: string) => (await why({ authorization: `Basic ${btoa(key)}` })).text();
      const everyone = await (await why()).text();
      assert.equal(await textFor('5:other'), everyone);
      assert.notEqual(await textFor('1234:safelight-secret'), everyone);
    });

    it('explains 100 URLs at once by default', async () => {
      await start({ whyRate: { perSecond: undefined, burst: undefined } as never });
      const responses = await Promise.all(Array.from({ length: 101 }, () => why()));
      assert.deepEqual(
        [200, 429].map((status) => responses.filter((response) => response.status === status).length),
        [100, 1],
      );
    });

    for (const whyRate of [{ perSecond: 0 }, { perSecond: Number.POSITIVE_INFINITY }, { burst: 0.5 }]) {
      it(`refuses ${Object.entries(whyRate)} at creation`, async () => {
        await start();
        assert.throws(
          () => createSafelight({ whyRate }),
          /^RangeError: createSafelight\(\): whyRate\.(perSecond|burst) is .*; it must be a finite number/,
        );
      });
    }
  });

  describe('an asset', () => {
    const status = async () => (await fetch(`${origin}/_safelight/assets/raw/notes?cloud=demo`)).json();

    it('is pending while its parts arrive', async () => {
      await start();
      const file = new TextEncoder().encode('some notes');
      const send = partSender({ apiUrl: `${origin}/v1_1/demo` }, file);
      assert.deepEqual(await status(), { exists: false });
      await send({ start: 0, end: 5 });
      assert.deepEqual(await status(), { exists: false, pending: true });
      await send({ start: 5, end: 10 });
      const found = (await status()) as Record<string, unknown>;
      assert.deepEqual([found['exists'], found['public_id'], found['pending']], [true, 'notes', undefined]);
    });

    it('is not pending once its upload has been refused', async () => {
      await start();
      const body = form({ upload_preset: 'quickstart', public_id: 'notes' }, png(4, 3));
      body.append('overwrite', '1');
      assert.equal((await fetch(`${origin}/v1_1/demo/raw/upload`, { method: 'POST', body })).status, 400);
      assert.deepEqual(await status(), { exists: false });
    });
  });
});
