import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { type ClientOptions, createClient, type UploadPhase, type UploadTask } from '@safelight/client';
import { uploadStringToSign } from '@safelight/protocol';
import { catResponse, cloudinaryUploadResponse } from './recorded-responses.ts';
import { type Response, respondWithJson, startRawServer, startTestServer, type TestServer } from './upload-server.ts';

const bytes = new Blob(['picture']);
const respondWithCat: Response = (_request, res) => respondWithJson(res, catResponse);

describe('client.upload()', () => {
  const servers: TestServer[] = [];
  const serve = async (response: Response): Promise<TestServer> => {
    const server = await startTestServer(response);
    servers.push(server);
    return server;
  };
  const clientOf = (server: TestServer, options: Partial<ClientOptions> = {}) =>
    createClient({ endpoint: server.origin, cloudName: 'demo', uploadPreset: 'quickstart', ...options });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  describe('as it is sent', () => {
    it('sends the preset first and the file last, with a length', async () => {
      const server = await serve(respondWithCat);
      await clientOf(server).upload(bytes, { publicId: 'cat', tags: ['a', 'b'] });
      const [request] = server.requests;
      assert.equal(request?.method, 'POST');
      assert.equal(request?.url, '/v1_1/demo/auto/upload');
      assert.deepEqual(request?.fields, [
        { name: 'upload_preset', filename: undefined, value: 'quickstart' },
        { name: 'public_id', filename: undefined, value: 'cat' },
        { name: 'tags', filename: undefined, value: 'a,b' },
        { name: 'file', filename: 'file', value: 'picture' },
      ]);
      assert.match(request?.headers['content-length'] ?? '', /^\d+$/);
      assert.equal(request?.headers['transfer-encoding'], undefined);
      assert.match(String(request?.headers['idempotency-key']), /^\d+(-\d+){3}$/);
    });

    it("sends a File's name and the resource type", async () => {
      const server = await serve(respondWithCat);
      await clientOf(server).upload(new File(['x'], 'holiday.jpg'), { resourceType: 'image' });
      assert.equal(server.requests[0]?.url, '/v1_1/demo/image/upload');
      assert.equal(server.requests[0]?.fields.at(-1)?.filename, 'holiday.jpg');
    });

    for (const [name, body] of [
      ['an ArrayBuffer', new TextEncoder().encode('picture').buffer],
      ['a Uint8Array', new TextEncoder().encode('picture')],
    ] as const) {
      it(`sends ${name}`, async () => {
        const server = await serve(respondWithCat);
        await clientOf(server).upload(body);
        assert.equal(server.requests[0]?.fields.at(-1)?.value, 'picture');
      });
    }

    it('is chunked when progress is counted', async () => {
      const server = await serve(respondWithCat);
      await clientOf(server).upload(bytes, { onProgress: () => undefined });
      assert.equal(server.requests[0]?.headers['transfer-encoding'], 'chunked');
      assert.equal(server.requests[0]?.fields.at(-1)?.value, 'picture');
    });

    it('signs everything that it sends', async () => {
      const server = await serve(respondWithCat);
      const client = createClient({
        endpoint: server.origin,
        cloudName: 'demo',
        sign: async (parameters) => {
          const text = uploadStringToSign({ ...parameters, timestamp: '1719307544' });
          const signature = createHash('sha1').update(`${text}safelight-secret`).digest('hex');
          return { signature, timestamp: 1719307544, apiKey: '1234' };
        },
      });
      await client.upload(bytes, { publicId: 'cat', overwrite: true, eager: [{ width: 100, crop: 'fill' }] });
      const { fields = [] } = server.requests[0] ?? {};
      const sent = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
      assert.deepEqual(
        fields.map(({ name }) => name),
        ['public_id', 'overwrite', 'eager', 'timestamp', 'signature', 'api_key', 'file'],
      );
      const toSign = `eager=c_fill,w_100&overwrite=1&public_id=cat&timestamp=1719307544safelight-secret`;
      assert.equal(sent['signature'], createHash('sha1').update(toSign).digest('hex'));
      assert.equal(sent['api_key'], '1234');
    });

    it('calls the option headers for each request', async () => {
      const server = await serve(respondWithCat);
      let calls = 0;
      const client = clientOf(server, { headers: async () => ({ authorization: `Bearer ${++calls}` }) });
      await client.upload(bytes);
      await client.upload(bytes);
      assert.deepEqual(
        server.requests.map((request) => request.headers.authorization),
        ['Bearer 1', 'Bearer 2'],
      );
    });
  });

  describe('the response', () => {
    it('becomes an asset with URLs of the real version', async () => {
      const server = await serve(respondWithCat);
      const asset = await clientOf(server).upload(bytes);
      assert.equal(
        asset.url({ width: 300, crop: 'fill' }),
        `${server.origin}/demo/image/upload/c_fill,w_300/v1795368841/cat.jpg`,
      );
    });

    it('may be a response of Cloudinary', async () => {
      const server = await serve((_request, res) => respondWithJson(res, cloudinaryUploadResponse));
      const asset = await clientOf(server).upload(bytes);
      assert.deepEqual(asset.toJSON(), {
        publicId: 'folder/x',
        version: 1719307544,
        resourceType: 'image',
        format: 'jpg',
        width: 1920,
        height: 1441,
        bytes: 896838,
      });
    });

    it('may be a raw file without a format', async () => {
      const server = await serve((_request, res) =>
        respondWithJson(res, { public_id: 'notes.txt', version: 1719307544, resource_type: 'raw', bytes: 7 }),
      );
      const asset = await clientOf(server).upload(bytes);
      assert.equal(asset.url(), `${server.origin}/demo/raw/upload/v1719307544/notes.txt`);
    });

    it('may be a video without a width', async () => {
      const { width: _width, height: _height, ...video } = { ...catResponse, resource_type: 'video', format: 'mp4' };
      const server = await serve((_request, res) => respondWithJson(res, { ...video, eager: [{}] }));
      const asset = await clientOf(server).upload(bytes);
      assert.equal(asset.width, undefined);
      assert.equal(asset.url(), `${server.origin}/demo/video/upload/v1795368841/cat.mp4`);
    });

    const unusable: readonly (readonly [string, unknown, RegExp])[] = [
      ['without a version', { ...catResponse, version: undefined }, /is not an asset.*version is "undefined"/],
      ['with an invented version', { ...catResponse, version: 1 }, /version is "1".* Expected Unix seconds/],
      ['without a public ID', { ...catResponse, public_id: '' }, /is not an asset.*publicId is ""/],
      [
        'of an upload that goes on elsewhere',
        { status: 'pending', batch_id: 'b' },
        /is not an asset.*publicId is "undefined"/,
      ],
      ['that is a list', [], /publicId is "undefined"/],
    ];
    for (const [name, body, message] of unusable) {
      it(`is refused ${name}`, async () => {
        const server = await serve((_request, res) => respondWithJson(res, body));
        await assert.rejects(clientOf(server).upload(bytes), { code: 'protocol', retryable: false, message });
      });
    }

    it('is refused when it is not JSON', async () => {
      const server = await serve((_request, res) => res.end('<html>'));
      await assert.rejects(clientOf(server).upload(bytes), {
        code: 'protocol',
        message: /not JSON.*Check that the endpoint/,
      });
    });
  });

  describe('failures', () => {
    it("have the server's message", async () => {
      const server = await serve((_request, res) =>
        respondWithJson(res, { error: { message: 'Upload preset not found' } }, 400),
      );
      await assert.rejects(clientOf(server).upload(bytes), {
        name: 'SafelightError',
        code: 'rejected',
        status: 400,
        retryable: false,
        message: `POST ${server.origin}/v1_1/demo/auto/upload failed with status 400: Upload preset not found.`,
      });
      assert.equal(server.requests.length, 1);
    });

    it('have the detail of a problem document', async () => {
      const server = await serve((_request, res) =>
        respondWithJson(res, { title: 'Too large', detail: 'At most 10 MB.' }, 413, {
          'content-type': 'application/problem+json',
        }),
      );
      await assert.rejects(clientOf(server).upload(bytes), {
        code: 'rejected',
        message:
          /413: At most 10 MB\. Send a smaller file, raise the limit of the server .* or set a smaller chunkBytes\.$/,
      });
    });

    for (const [status, hint] of [
      [401, /sign/],
      [403, /uploadPreset/],
      [404, /endpoint, cloudName/],
      [413, /smaller chunkBytes/],
    ] as const) {
      it(`${status} have a hint after the server's message`, async () => {
        const server = await serve((_request, res) => respondWithJson(res, { error: { message: 'No.' } }, status));
        await assert.rejects(clientOf(server).upload(bytes), { code: 'rejected', status, hint, message: /: No\. \w/ });
      });
    }

    it('by a lost connection are repeated with the same Idempotency-Key', async () => {
      const server = await serve((request, res) =>
        server.requests.length === 1 ? res.socket?.destroy() : respondWithCat(request, res),
      );
      const asset = await clientOf(server).upload(bytes);
      assert.equal(asset.publicId, 'cat');
      const keys = server.requests.map((request) => request.headers['idempotency-key']);
      assert.equal(keys.length, 2);
      assert.equal(keys[0], keys[1]);
      assert.deepEqual(server.requests[0]?.fields, server.requests[1]?.fields);
    });

    it('by lost connections end with the code network', async () => {
      const server = await serve((_request, res) => res.socket?.destroy());
      const upload = clientOf(server).upload(bytes, { retries: 1, uploadKey: 'mine' });
      await assert.rejects(upload, { code: 'network', retryable: true, message: /^No response to POST http/ });
      assert.deepEqual(
        server.requests.map((request) => request.headers['idempotency-key']),
        ['mine', 'mine'],
      );
    });

    it('503 with Retry-After is repeated', async () => {
      const server = await serve((request, res) =>
        server.requests.length === 1
          ? respondWithJson(res, {}, 503, { 'retry-after': '0' })
          : respondWithCat(request, res),
      );
      assert.equal((await clientOf(server).upload(bytes)).version, catResponse.version);
    });

    it('503 with a long Retry-After rejects at once', async () => {
      const server = await serve((_request, res) => respondWithJson(res, {}, 503, { 'retry-after': '3600' }));
      await assert.rejects(clientOf(server).upload(bytes), {
        code: 'rejected',
        status: 503,
        retryable: true,
        retryAfterMs: 3_600_000,
      });
      assert.equal(server.requests.length, 1);
    });

    for (const status of [502, 503, 504]) {
      it(`${status} without Retry-After is repeated like a lost connection, and no more often`, async () => {
        const server = await serve((_request, res) => respondWithJson(res, {}, status));
        await assert.rejects(clientOf(server, { random: () => -2 }).upload(bytes), { status, retryable: true });
        assert.equal(server.requests.length, 4);
      });

      it(`${status} is final when a repeat could store the file twice`, async () => {
        const server = await serve((_request, res) => respondWithJson(res, {}, status));
        await assert.rejects(clientOf(server, { idempotency: false }).upload(bytes), { status });
        assert.equal(server.requests.length, 1);
      });
    }

    it('of the signing server reach the caller unchanged', async () => {
      const server = await serve(respondWithCat);
      const failure = new Error('not logged in');
      const client = clientOf(server, { sign: () => Promise.reject(failure) });
      await assert.rejects(client.upload(bytes), failure);
      assert.equal(server.requests.length, 0);
    });
  });

  describe('timeouts', () => {
    it('stalled: no byte is sent', async () => {
      const server = await startRawServer((req) => req.pause());
      servers.push(server);
      // More than any socket buffer takes, so sending has to wait for the server, which never reads.
      const big = new Blob([new Uint8Array(32 * 1024 * 1024)]);
      const task = clientOf(server).upload(big, { onProgress: () => undefined, stallTimeoutMs: 150 });
      await assert.rejects(task, { code: 'stalled', retryable: true, message: /no byte for 150 ms/ });
      assert.equal(task.phase, 'failed');
    });

    it('not_ready_in_time: everything is sent, no response arrives', async () => {
      const server = await serve(() => undefined);
      const task = clientOf(server).upload(bytes, { onProgress: () => undefined, readyTimeoutMs: 50 });
      await assert.rejects(task, { code: 'not_ready_in_time', retryable: true, message: /client\.whenReady\(\)/ });
    });

    it('limits an upload without a listener', async () => {
      const server = await serve(() => undefined);
      const task = clientOf(server).upload(bytes, { stallTimeoutMs: 30, readyTimeoutMs: 30 });
      await assert.rejects(task, { code: 'not_ready_in_time' });
    });
  });

  describe('aborts', () => {
    it("reject with the caller's reason", async () => {
      const arrived = Promise.withResolvers<ServerResponse>();
      const server = await serve((_request, res) => arrived.resolve(res));
      const controller = new AbortController();
      const task = clientOf(server).upload(bytes, { signal: controller.signal });
      await arrived.promise;
      const reason = new Error('changed my mind');
      controller.abort(reason);
      await assert.rejects(task, reason);
      assert.equal(task.phase, 'aborted');
    });

    it('of the task itself are AbortErrors, and reach the server', async () => {
      const arrived = Promise.withResolvers<ServerResponse>();
      const server = await serve((_request, res) => arrived.resolve(res));
      const task = clientOf(server).upload(bytes);
      const res = await arrived.promise;
      const closed = new Promise((resolve) => res.once('close', resolve));
      task.abort();
      await assert.rejects(task, { name: 'AbortError' });
      await closed;
    });

    it('before the start send nothing', async () => {
      const server = await serve(respondWithCat);
      const task = clientOf(server).upload(bytes, { signal: AbortSignal.abort('no') });
      await assert.rejects(task, (reason) => reason === 'no');
      assert.equal(server.requests.length, 0);
    });

    it('do not wait for a signing server', async () => {
      const server = await serve(respondWithCat);
      const asked = Promise.withResolvers<undefined>();
      const sign = () => {
        asked.resolve(undefined);
        return new Promise<never>(() => undefined);
      };
      const task = clientOf(server, { sign }).upload(bytes);
      await asked.promise;
      task.abort('enough');
      await assert.rejects(task, (reason) => reason === 'enough');
    });

    it('happen at the end of a block with using, without an unhandled rejection', async () => {
      const server = await serve(() => undefined);
      let left: UploadTask;
      {
        using task = clientOf(server).upload(bytes);
        left = task;
      }
      await assert.rejects(left, { name: 'AbortError' });
      assert.equal(left.phase, 'aborted');
    });
  });

  describe('progress', () => {
    it('reports the phases in their order and growing bytes', async () => {
      const server = await serve(respondWithCat);
      const phases: UploadPhase[] = [];
      const counts: number[] = [];
      const body = new Blob([new Uint8Array(512 * 1024)]);
      await clientOf(server).upload(body, {
        onProgress: ({ phase, sentBytes, totalBytes }) => {
          if (phases.at(-1) !== phase) phases.push(phase);
          counts.push(sentBytes);
          assert.ok(totalBytes === body.size && totalBytes >= sentBytes);
        },
      });
      assert.deepEqual(phases, ['queued', 'sending', 'processing', 'ready']);
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => a - b),
      );
      assert.equal(counts.at(-1), body.size);
    });

    it('can be read with for await; then the task can be awaited', async () => {
      const server = await serve(respondWithCat);
      const task = clientOf(server).upload(bytes);
      const phases: UploadPhase[] = [];
      for await (const { phase } of task) {
        if (phases.at(-1) !== phase) phases.push(phase);
      }
      assert.deepEqual(phases, ['queued', 'sending', 'processing', 'ready']);
      assert.equal((await task).publicId, 'cat');
      assert.equal(task.publicId, 'cat');
    });

    it('ends without an error when the upload fails; the task has the error', async () => {
      const server = await serve((_request, res) => respondWithJson(res, { error: { message: 'no' } }, 400));
      const task = clientOf(server).upload(bytes);
      let last: UploadPhase | undefined;
      for await (const { phase } of task) {
        last = phase;
      }
      assert.equal(last, 'failed');
      await assert.rejects(task, { code: 'rejected' });
    });

    it('starts again with a repeat', async () => {
      const server = await serve((request, res) =>
        server.requests.length === 1 ? res.socket?.destroy() : respondWithCat(request, res),
      );
      const phases: UploadPhase[] = [];
      await clientOf(server).upload(bytes, {
        onProgress: ({ phase }) => {
          if (phases.at(-1) !== phase) phases.push(phase);
        },
      });
      assert.deepEqual(phases, ['queued', 'sending', 'processing', 'sending', 'processing', 'ready']);
    });
  });

  describe('a task that has not been awaited', () => {
    const pending = async () => {
      const server = await serve(respondWithCat);
      const task = clientOf(server).upload(bytes, { publicId: 'cat' });
      return { task, untyped: task as unknown as { readonly url: () => string } };
    };
    const notReady = {
      name: 'SafelightError',
      code: 'original_not_ready',
      publicId: 'cat',
      phase: 'queued',
      message: /The upload of "cat" is queued\. Await it first: const asset = await task; asset\.url\(\)\./,
    };

    it('throws at .url', async () => {
      const { task, untyped } = await pending();
      assert.throws(() => untyped.url(), notReady);
      assert.throws(() => untyped.url, { ...notReady, hint: /^Await it first/ });
      await task;
    });

    it('throws at .src, which components may read', async () => {
      const { task } = await pending();
      assert.throws(() => (task as unknown as { readonly src: string }).src, notReady);
      await task;
    });

    it('throws when it is converted to text', async () => {
      const { task } = await pending();
      assert.throws(() => `<img src="${task}">`, notReady);
      assert.throws(() => String(task), notReady);
      await task;
    });

    it('is like any other promise in all other uses', async () => {
      const { task } = await pending();
      assert.match(inspect(task), /Promise/);
      assert.equal(JSON.stringify({ task }), '{"task":{}}');
      const [first, second] = await Promise.all([task, task]);
      assert.equal(first, second);
      const then = task.then((asset) => asset.version);
      assert.equal(then.constructor, Promise);
      assert.equal(await then, catResponse.version);
      assert.equal(await Promise.race([task]), first);
    });
  });
});
