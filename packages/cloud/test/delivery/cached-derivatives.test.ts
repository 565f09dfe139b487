import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cloud } from '@safelight/cloud';
import { badTransformation, type Handler } from '@safelight/core';
import type { SafelightOptions } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { memoryDerivatives } from '@safelight/stores';
import { ask, isHeld, type Reply, rungOf } from '../../../../test/servers/ask.ts';
import { type Clock, scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, type Listening, serve } from '../../../../test/servers/servers.ts';
import { apiKey, apiSecret, form, signed } from '../upload-api/api-server.ts';
import { png } from '../upload-api/png.ts';

interface CloudScene {
  readonly server: Listening;
  readonly clock: Clock;
  readonly faults: unknown[];
  /** How often the handler has run. */
  readonly runs: () => number;
  /** Calls an operation of the upload API and returns its response. */
  call(operation: string, fields: Record<string, string>, file?: Buffer<ArrayBuffer>): Promise<Record<string, unknown>>;
}

type Derive = (text: string, run: number) => Awaited<ReturnType<Handler>> | Promise<Awaited<ReturnType<Handler>>>;

/** A derivative whose text is the digest of the original and the transformation. */
const plain: Derive = (text) => ({ contentType: 'image/png', format: 'png', body: Buffer.from(text) });

const streamed: Derive = (text) => ({
  contentType: 'image/png',
  format: 'png',
  body: Readable.from([...text].map((letter) => Buffer.from(letter))),
});

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('cloud: cached derivatives', () => {
  const folders: string[] = [];

  afterEach(async () => {
    await closeServers();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start(derive: Derive = plain, options: SafelightOptions = {}, cache = true): Promise<CloudScene> {
    const directory = await mkdtemp(join(tmpdir(), 'safelight-cloud-'));
    folders.push(directory);
    const { safelight, clock, faults } = scene(options);
    let runs = 0;
    const handler: Handler = async (delivery, { original, bucket }) => {
      runs += 1;
      const [step] = delivery.transformation;
      return derive(`${original.etag} w=${step?.width} ${bucket ?? ''}`, runs);
    };
    const originals = fileOriginals({ directory, clock });
    const delivery = cloud(safelight, 'demo', { originals, handler, apiKey, apiSecret, cache });
    const server = await serve(frameworks[0] as Framework, delivery);
    return {
      server,
      clock,
      faults,
      runs: () => runs,
      async call(operation, fields, file) {
        const body = form(signed(fields, clock()), file);
        const response = await fetch(`${server.origin}/v1_1/demo/${operation}`, { method: 'POST', body });
        const returned = (await response.json()) as Record<string, unknown>;
        assert.equal(response.status, 200, JSON.stringify(returned));
        return returned;
      },
    };
  }

  const digestOf = ({ text }: Reply) => text.split(' ')[0];

  for (const [how, derive] of Object.entries({ 'a buffer': plain, 'a stream without length': streamed })) {
    it(`${how}: one run for any number of requests, until the original changes`, async () => {
      const { server, call, runs, clock } = await start(derive);
      const { etag } = await call('image/upload', { public_id: 'cat' }, png(4, 3));
      const path = '/demo/image/upload/w_10/cat.png';
      const first = await Promise.all(Array.from({ length: 20 }, () => ask(server, path)));
      for (const reply of first) assert.deepEqual([reply.status, digestOf(reply)], [200, etag]);
      await until(async () => isHeld(await ask(server, path)));
      clock.pass(20 * 86_400_000);
      for (const options of [{}, { method: 'HEAD' }, { headers: { Range: 'bytes=0-3' } }]) {
        assert.equal(isHeld(await ask(server, path, options)), true);
      }
      const whole = await ask(server, path);
      assert.equal(digestOf(whole), etag);
      assert.equal((await ask(server, path, { headers: { 'If-None-Match': String(whole.headers.etag) } })).status, 304);
      const part = await ask(server, path, { headers: { Range: 'bytes=0-3' } });
      assert.deepEqual([part.status, part.text], [206, whole.text.slice(0, 4)]);
      assert.equal(runs(), 1);
      const { etag: next } = await call('image/upload', { public_id: 'cat' }, png(5, 3));
      assert.notEqual(next, etag);
      assert.equal(digestOf(await ask(server, path)), next);
      assert.equal(runs(), 2);
    });
  }

  it('explicit, rename and destroy evict at once', async () => {
    const { server, call, runs } = await start();
    await call('image/upload', { public_id: 'cat' }, png(4, 3));
    const cat = '/demo/image/upload/w_10/cat.png';
    const dog = '/demo/image/upload/w_10/dog.png';
    await ask(server, cat);
    assert.equal(isHeld(await ask(server, cat)), true);
    await call('image/explicit', { public_id: 'cat', type: 'upload' });
    assert.deepEqual([isHeld(await ask(server, cat)), runs()], [false, 2]);
    assert.equal((await ask(server, dog)).status, 404);
    await call('image/rename', { from_public_id: 'cat', to_public_id: 'dog' });
    assert.equal((await ask(server, cat)).status, 404);
    assert.equal((await ask(server, dog)).status, 200);
    await call('image/destroy', { public_id: 'dog' });
    const gone = await ask(server, dog);
    assert.deepEqual([gone.status, gone.headers['x-safelight-error']], [404, 'missing_original']);
  });

  it('after an upload during a run or while its body is sent, a derivative of the old original is not cached', async () => {
    for (const when of ['run', 'body'] as const) {
      const gate = Promise.withResolvers<void>();
      const began = Promise.withResolvers<void>();
      const { server, call, runs } = await start(async (text, run) => {
        if (run > 1) return plain(text, run);
        began.resolve();
        if (when === 'run') {
          await gate.promise;
          return plain(text, run);
        }
        const letters = async function* () {
          yield Buffer.from(text.slice(0, 10));
          await gate.promise;
          yield Buffer.from(text.slice(10));
        };
        return { contentType: 'image/png', format: 'png', body: Readable.from(letters()) };
      });
      const { etag } = await call('image/upload', { public_id: 'cat' }, png(4, 3));
      const path = '/demo/image/upload/w_10/cat.png';
      const old = ask(server, path);
      await began.promise;
      const { etag: next } = await call('image/upload', { public_id: 'cat' }, png(5, 3));
      assert.equal(digestOf(await ask(server, path)), next);
      gate.resolve();
      assert.equal(digestOf(await old), etag);
      assert.equal(digestOf(await ask(server, path)), next);
      assert.equal(runs(), 2);
    }
  });

  it('a stream that breaks off, or has another length than announced, is not cached and counts as one failure', async () => {
    for (const bytes of [undefined, 1000]) {
      const { server, call, clock } = await start((text, run) => {
        const letters = async function* () {
          yield Buffer.from(text);
          if (run === 1 && bytes === undefined) throw new Error('broken');
        };
        const length = bytes === undefined || run > 1 ? {} : { bytes };
        return { contentType: 'image/png', format: 'png', body: Readable.from(letters()), ...length };
      });
      await call('image/upload', { public_id: 'cat' }, png(4, 3));
      const path = '/demo/image/upload/w_10/cat.png';
      assert.equal((await ask(server, path)).complete, false);
      await until(async () => rungOf(await ask(server, path)) === 1);
      clock.pass(1000);
      assert.equal((await ask(server, path)).complete, true);
      await until(async () => isHeld(await ask(server, path)));
    }
  });

  it('originals are sent from their files, also in ranges, and not cached again', async () => {
    let created = 0;
    const memory = memoryDerivatives();
    const derivatives = {
      ...memory,
      create: () => {
        created += 1;
        return memory.create();
      },
    };
    const { server, call, runs } = await start(plain, { derivatives });
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
    await call('raw/upload', { public_id: 'data.bin' }, bytes);
    const path = '/demo/raw/upload/data.bin';
    const digest = createHash('sha256').update(bytes).digest('hex');
    for (let i = 0; i < 2; i += 1) {
      const whole = await ask(server, path);
      assert.equal(createHash('sha256').update(whole.body).digest('hex'), digest);
      const part = await ask(server, path, { headers: { Range: 'bytes=100-199' } });
      assert.deepEqual([part.status, part.body], [206, bytes.subarray(100, 200)]);
    }
    assert.deepEqual([created, runs()], [0, 0]);
  });

  it('f_auto: one derivative for each format bucket, not for each Accept', async () => {
    const { server, call, runs } = await start();
    await call('image/upload', { public_id: 'cat' }, png(4, 3));
    const path = '/demo/image/upload/f_auto,w_10/cat';
    const accepts = [
      'image/avif,*/*',
      'image/webp,*/*;q=0.8',
      '*/*',
      'image/webp',
      'image/avif,image/webp',
      'text/html',
    ];
    const texts = [];
    for (const accept of accepts) texts.push((await ask(server, path, { headers: { Accept: accept } })).text);
    assert.deepEqual(
      texts.map((text) => text.split(' ')[2]),
      ['avif', 'webp', 'other', 'webp', 'avif', 'other'],
    );
    assert.equal(runs(), 3);
  });

  for (const [how, derive] of Object.entries({ 'a buffer': plain, 'a stream': streamed })) {
    it(`eager derivatives are cached: the first request is a hit (${how})`, async () => {
      const { server, call, runs, faults } = await start(derive);
      const upload = await call('image/upload', { public_id: 'cat', eager: 'w_10|w_20/jpg' }, png(4, 3));
      const eager = upload['eager'] as { url: string; bytes: number; format: string }[];
      assert.deepEqual([eager.length, runs()], [2, 2]);
      for (const { url, bytes, format } of eager) {
        assert.equal(format, 'png');
        const reply = await ask(server, new URL(url).pathname);
        assert.deepEqual([reply.status, digestOf(reply), reply.body.length], [200, upload['etag'], bytes]);
        await until(async () => isHeld(await ask(server, new URL(url).pathname)));
      }
      assert.equal(runs(), 2);
      const again = await call('image/explicit', { public_id: 'cat', type: 'upload', eager: 'w_10' });
      assert.equal((again['eager'] as { bytes: number }[])[0]?.bytes, eager[0]?.bytes);
      assert.equal(runs(), 3); // `explicit` makes it again.
      assert.equal((await ask(server, new URL(eager[0]?.url as string).pathname)).status, 200);
      assert.deepEqual([runs(), faults], [3, []]);
    });
  }

  it('eager derivatives share their run with requests, and a failed one is held', async () => {
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const { server, call, runs } = await start(async (text, run) => {
      if (text.includes('w=13')) throw badTransformation('13 is unlucky');
      began.resolve();
      await gate.promise;
      return plain(text, run);
    });
    const { version } = await call('image/upload', { public_id: 'cat' }, png(4, 3));
    const eager = call('image/explicit', { public_id: 'cat', type: 'upload', eager: 'w_10|w_13' });
    await began.promise;
    const joined = ask(server, `/demo/image/upload/w_10/v${version}/cat.png`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    gate.resolve();
    const [made, failed] = (await eager)['eager'] as { bytes?: number; status?: string; reason?: string }[];
    assert.deepEqual(
      [made?.bytes, failed?.status, failed?.reason],
      [(await joined).body.length, 'failed', '13 is unlucky'],
    );
    const held = await ask(server, `/demo/image/upload/w_13/v${version}/cat.png`);
    assert.deepEqual([held.status, isHeld(held), runs()], [400, true, 2]);
  });

  it('with cache: false every request runs the handler, and nothing is stored', async () => {
    const { server, call, runs } = await start(plain, {}, false);
    await call('image/upload', { public_id: 'cat' }, png(4, 3));
    for (let i = 1; i < 4; i += 1) {
      const reply = await ask(server, '/demo/image/upload/w_10/cat.png');
      assert.deepEqual([reply.status, isHeld(reply), runs()], [200, false, i]);
      assert.ok(!String(reply.headers['cache-status']).includes('stored'));
    }
  });
});
