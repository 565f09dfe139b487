import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { TransformError } from '@safelight/core';
import type { UploadApiOptions } from '../../src/upload-api/upload-api-options.ts';
import { type ApiServer, basic, form, signed, startApi } from './api-server.ts';
import { aroundPublish } from './around-publish.ts';
import { type Json, messageOf } from './part-sender.ts';
import { png } from './png.ts';

/** A client that got no response repeats its call with the same `Idempotency-Key`. */
describe('a call that is repeated because its response was lost', () => {
  let api: ApiServer;
  let published: string[];
  const picture = png(4, 3);

  async function start(options: Partial<UploadApiOptions> = {}) {
    published = [];
    api = await startApi(options, (originals) =>
      aroundPublish(originals, async ({ publicId }, publish) => {
        const result = await publish();
        published.push(publicId);
        return result;
      }),
    );
  }

  afterEach(async () => {
    assert.deepEqual(await api.temporaryFiles(), []);
    await api.close();
  });

  async function post(path: string, body: FormData, headers: Record<string, string> = {}) {
    const init = { method: 'POST', body, headers: { 'idempotency-key': 'k', ...headers } };
    const response = await fetch(`${api.apiUrl}/${path}`, init);
    return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
  }

  /** A signed upload, so that each run makes a version. */
  const upload = (fields: Record<string, string> = { public_id: 'cat' }, file = picture, at = Date.now()) =>
    post('image/upload', form(signed(fields, at), file));

  /** Fails to confirm the first `times` changes. */
  function failing(times: number): Partial<UploadApiOptions> {
    return {
      changed: async () => {
        if (times-- > 0) throw new TransformError('store_unavailable', 'no store');
      },
    };
  }

  it('and signed again later: gets the same response', async () => {
    await start();
    const first = await upload({ public_id: 'cat' }, picture, Date.now() - 60_000);
    assert.deepEqual((await upload()).json, first.json);
    assert.deepEqual(published, ['cat']);
  });

  it('through another host: gets URLs of its own host, and of no other caller', async () => {
    await start();
    const eager = 'c_fill,w_10';
    const through = async (host: string) => {
      const body = new Response(form(signed({ public_id: 'cat', eager }), picture));
      const headers = { host, 'content-type': body.headers.get('content-type') ?? '', 'idempotency-key': 'k' };
      const call = request(`${api.apiUrl}/image/upload`, { method: 'POST', headers });
      call.end(Buffer.from(await body.arrayBuffer()));
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      return JSON.parse((await response.toArray()).join('')) as {
        url: string;
        eager: readonly { secure_url: string }[];
      };
    };
    const [evil, own] = [await through('evil.example'), await through('img.example')];
    assert.match(evil.url, /^http:\/\/evil\.example\/demo\//);
    assert.equal(own.url, evil.url.replace('evil.example', 'img.example'));
    assert.match(own.eager[0]?.secure_url ?? '', /^http:\/\/img\.example\/demo\//);
    assert.doesNotMatch(JSON.stringify(own), /evil/);
    assert.deepEqual(published, ['cat']);
  });

  it('as the last part, through another host: gets URLs of its own host', async () => {
    await start();
    const through = async (host: string) => {
      const body = new Response(form(signed({ public_id: 'cat' }), picture));
      const headers = {
        ...{ host, 'content-type': body.headers.get('content-type') ?? '', 'x-unique-upload-id': 'u' },
        'content-range': `bytes 0-${picture.length - 1}/${picture.length}`,
      };
      const call = request(`${api.apiUrl}/image/upload`, { method: 'POST', headers });
      call.end(Buffer.from(await body.arrayBuffer()));
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      return (JSON.parse((await response.toArray()).join('')) as { url: string }).url;
    };
    assert.match(await through('evil.example'), /^http:\/\/evil\.example\//);
    assert.match(await through('img.example'), /^http:\/\/img\.example\//);
  });

  it('while the first still runs and its client has closed the connection: gets the same version', async () => {
    const entered = Promise.withResolvers<void>();
    const confirmed = Promise.withResolvers<void>();
    await start({
      changed: () => {
        entered.resolve();
        return confirmed.promise;
      },
    });
    const leaving = new AbortController();
    const lost = fetch(`${api.apiUrl}/image/upload`, {
      method: 'POST',
      headers: { 'idempotency-key': 'k' },
      body: form(signed({ public_id: 'cat' }), picture),
      signal: leaving.signal,
    });
    await entered.promise;
    leaving.abort();
    await assert.rejects(lost);
    const repeated = upload();
    while ((await api.temporaryFiles()).length === 0) await setImmediate();
    confirmed.resolve();
    assert.equal((await repeated).status, 200);
    assert.deepEqual(published, ['cat']);
  });

  it('after ten minutes, while the first still runs: gets the same version', async () => {
    const confirmed = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    let now = Date.now();
    await start({
      clock: () => now,
      changed: () => {
        entered.resolve();
        return confirmed.promise;
      },
    });
    const first = upload();
    await entered.promise;
    now += 1_800_000;
    const repeated = upload({ public_id: 'cat' }, picture, now);
    while ((await api.temporaryFiles()).length === 0) await setImmediate();
    confirmed.resolve();
    assert.deepEqual((await repeated).json, (await first).json);
    assert.deepEqual(published, ['cat']);
  });

  it('after the first was stored and not confirmed: confirms that version', async () => {
    await start(failing(2));
    assert.equal((await upload()).status, 503);
    assert.equal((await upload()).status, 503);
    const { status, json } = await upload();
    assert.deepEqual([status, json['overwritten']], [200, undefined]);
    assert.deepEqual((await upload()).json, json);
    assert.deepEqual(published, ['cat']);
  });

  it('after the first was stored under a random ID and not confirmed: confirms that version', async () => {
    await start(failing(1));
    assert.equal((await upload({})).status, 503);
    const { json } = await upload({});
    assert.deepEqual(published, [json['public_id']]);
  });

  it('after the first was stored and not confirmed: may not have another file or name', async () => {
    await start(failing(1));
    assert.equal((await upload()).status, 503);
    for (const other of [await upload({ public_id: 'cat' }, png(9, 9)), await upload({ public_id: 'dog' })]) {
      assert.deepEqual(
        [other.status, messageOf(other)],
        [400, 'This Idempotency-Key was sent with another request before. Use a new key for each request.'],
      );
    }
    assert.equal((await upload()).status, 200);
    assert.deepEqual(published, ['cat']);
  });

  it('several times at the same time, after the first was stored and not confirmed: confirms that version', async () => {
    await start(failing(1));
    assert.equal((await upload()).status, 503);
    const responses = await Promise.all([upload(), upload(), upload()]);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.deepEqual(published, ['cat']);
  });

  it('after the first failed before it was stored: may have another file', async () => {
    await start();
    assert.equal((await upload({ public_id: 'cat' }, Buffer.from('no picture'))).status, 400);
    assert.equal((await upload()).status, 200);
    assert.deepEqual(published, ['cat']);
  });

  it('after the first broke off in the middle of its file: is stored', async () => {
    await start();
    const { port, hostname } = new URL(api.origin);
    const socket = connect(Number(port), hostname);
    const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nhalf of a pic';
    const type = 'Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9999\r\nIdempotency-Key: k';
    socket.write(`POST /v1_1/demo/image/upload HTTP/1.1\r\nHost: x\r\n${type}\r\n\r\n${part}`);
    while ((await api.temporaryFiles()).length === 0) await setImmediate();
    const whole = upload();
    socket.destroy();
    assert.equal((await whole).status, 200);
    while ((await api.temporaryFiles()).length > 0) await setImmediate();
    assert.deepEqual(published, ['cat']);
  });

  it('by another identity with the same key: is another upload', async () => {
    await start();
    await upload({});
    const { status } = await post('image/upload', form({ upload_preset: 'quickstart' }, picture));
    assert.equal(status, 200);
    assert.equal(published.length, 2);
  });

  it('after a rename or a destroy could not be confirmed: gets the result of the first', async () => {
    let isDown = false;
    await start({
      changed: async () => {
        if (isDown) throw new TransformError('store_unavailable', 'no store');
      },
    });
    await upload({ public_id: 'a' });
    const owner = { authorization: basic };
    const calls = [
      () =>
        post('image/rename', form({ from_public_id: 'a', to_public_id: 'b' }), { ...owner, 'idempotency-key': 'r' }),
      () => post('image/destroy', form({ public_id: 'b' }), { ...owner, 'idempotency-key': 'd' }),
    ];
    const responses: Json[] = [];
    for (const call of calls) {
      isDown = true;
      assert.equal((await call()).status, 503);
      isDown = false;
      responses.push((await call()).json);
    }
    assert.equal(responses[0]?.['public_id'], 'b');
    assert.deepEqual(responses[1], { result: 'ok' });
  });
});
