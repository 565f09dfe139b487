import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Originals, TransformError } from '@safelight/core';
import type { UploadApiOptions } from '../../src/upload-api/upload-api-options.ts';
import { type ApiServer, basic, form, signed, startApi } from './api-server.ts';
import { type Json, messageOf, openPart, type Part, partSender, type Response } from './part-sender.ts';
import { png } from './png.ts';

/** Two servers with one folder. Each has only its own memory, like two processes. */
describe('two processes with one folder', () => {
  let one: ApiServer;
  let two: ApiServer;
  const picture = png(4, 3);

  async function start(options: Partial<UploadApiOptions> = {}, wrap = (originals: Originals) => originals) {
    one = await startApi(options, wrap);
    two = await startApi({}, wrap, one.directory);
  }

  afterEach(async () => {
    await one.close();
    await two.close();
    await rm(one.directory, { recursive: true, force: true });
  });

  async function post(api: ApiServer, path: string, body: FormData, headers: Record<string, string> = {}) {
    const init = { method: 'POST', body, headers: { 'idempotency-key': 'the key', ...headers } };
    const response = await fetch(`${api.apiUrl}/${path}`, init);
    return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
  }

  const upload = (api: ApiServer, fields: Record<string, string> = { public_id: 'cat' }, file = picture) =>
    post(api, 'image/upload', form(signed(fields), file));
  const versions = (publicId = 'cat') => one.originals.versions({ resourceType: 'image', publicId });
  async function allOriginals() {
    const found: string[] = [];
    for await (const { publicId } of one.originals.list()) found.push(publicId);
    return found;
  }

  /** The names of files, and what is in them. */
  async function filesOf(folder: string) {
    const names = await readdir(join(one.directory, folder), { recursive: true }).catch(() => []);
    const files = names.filter((name) => name.endsWith('.json'));
    const texts = await Promise.all(files.map((name) => readFile(join(one.directory, folder, name), 'utf8')));
    return [...names, ...texts].join('\n');
  }

  /** Fails to confirm changes while `isDown`. */
  function unconfirmed() {
    const store = {
      isDown: true,
      changed: async () => {
        if (store.isDown) throw new TransformError('store_unavailable', 'no store');
      },
    };
    return store;
  }

  const ownUrls = ({ json }: Response, api: ApiServer) => JSON.stringify(json).replaceAll(api.origin, '');

  describe('and a call that is repeated to the other one', () => {
    it('gets the response of the first, with URLs of its own host', async () => {
      await start();
      const first = await upload(one);
      const second = await upload(two);
      assert.equal(ownUrls(second, two), ownUrls(first, one));
      assert.match(String(second.json['url']), new RegExp(`^${two.origin}/`));
      assert.equal((await versions()).length, 1);
    });

    it('waits while the first runs', async () => {
      const entered = Promise.withResolvers<void>();
      const confirmed = Promise.withResolvers<void>();
      await start({
        changed: () => {
          entered.resolve();
          return confirmed.promise;
        },
      });
      const first = upload(one, {});
      await entered.promise;
      const second = upload(two, {});
      await Promise.race([second.then(() => assert.fail('It did not wait')), delay(200)]);
      confirmed.resolve();
      assert.equal((await second).json['version_id'], (await first).json['version_id']);
      assert.equal((await allOriginals()).length, 1);
    });

    it('is refused when it is another call', async () => {
      await start();
      assert.equal((await upload(one)).status, 200);
      for (const other of [
        await upload(two, { public_id: 'cat' }, png(9, 9)),
        await upload(two, { public_id: 'dog' }),
      ]) {
        assert.match(messageOf(other), /^This Idempotency-Key was sent with another request before/);
      }
    });

    it('is another call when another identity sends it', async () => {
      await start();
      await upload(one, {});
      const { status } = await post(two, 'image/upload', form({ upload_preset: 'quickstart' }, picture));
      assert.equal(status, 200);
      assert.equal((await allOriginals()).length, 2);
    });

    it('after it was stored and not confirmed: confirms that version', async () => {
      await start(unconfirmed());
      for (const fields of [{ public_id: 'cat' }, {}]) {
        const send = (api: ApiServer) =>
          post(api, 'image/upload', form(signed(fields), picture), { 'idempotency-key': JSON.stringify(fields) });
        assert.equal((await send(one)).status, 503);
        const { status, json } = await send(two);
        assert.deepEqual([status, json['overwritten'], json['existing']], [200, undefined, undefined]);
      }
      assert.equal((await allOriginals()).length, 2);
      assert.equal((await versions()).length, 1);
    });

    it('after it failed before it was stored: may have another file', async () => {
      await start();
      assert.equal((await upload(one, { public_id: 'cat' }, Buffer.from('no picture'))).status, 400);
      assert.equal((await upload(two)).status, 200);
    });

    it('after a rename or a destroy could not be confirmed: gets the result of the first', async () => {
      const store = unconfirmed();
      await start(store);
      store.isDown = false;
      await upload(one, { public_id: 'a' });
      store.isDown = true;
      const repeated = async (path: string, body: Record<string, string>) => {
        const headers = { authorization: basic, 'idempotency-key': path };
        assert.equal((await post(one, path, form(body), headers)).status, 503);
        return (await post(two, path, form(body), headers)).json;
      };
      assert.equal((await repeated('image/rename', { from_public_id: 'a', to_public_id: 'b' }))['public_id'], 'b');
      assert.deepEqual(await repeated('image/destroy', { public_id: 'b' }), { result: 'ok' });
    });

    it('is stored once when both get it at the same time', async () => {
      await start();
      const responses = await Promise.all([one, two, one, two].map((api) => upload(api, {})));
      assert.equal(new Set(responses.map(({ json }) => json['version_id'])).size, 1);
      assert.equal((await allOriginals()).length, 1);
    });

    it('leaves neither its key nor a secret in a file, and no file when it is not authenticated', async () => {
      await start();
      const forged = { ...signed({ public_id: 'cat' }), signature: '0'.repeat(40) };
      assert.equal((await post(one, 'image/upload', form(forged, picture))).status, 401);
      assert.equal(await filesOf('calls'), '');
      assert.equal((await upload(one)).status, 200);
      const files = await filesOf('calls');
      assert.match(files, /version_id/);
      assert.doesNotMatch(files, /the key|safelight-secret/);
    });

    it('while calls cannot be stored: is known to its own process, and reported once', async () => {
      const down = () => Promise.reject(new Error('EIO'));
      await start({}, (originals) => ({ ...originals, calls: { read: down, replace: down } }));
      const first = await upload(one, {});
      assert.equal(first.status, 200);
      assert.deepEqual((await upload(one, {})).json, first.json);
      assert.equal((await upload(one, { public_id: 'x' })).status, 400);
      assert.match(String(one.faults.splice(0)), /^Error: Remembered calls cannot be read or written/);
    });
  });

  describe('and an upload in parts', () => {
    const file = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
    const [first, second, last] = [
      { start: 0, end: 10 },
      { start: 10, end: 20 },
      { start: 20, end: 26 },
    ] as const satisfies readonly Part[];
    const send = (api: ApiServer, part: Part) => partSender(api, file)(part);
    const stored = async () => (await one.originals.find({ resourceType: 'raw', publicId: 'notes' }))?.bytesOf();

    it('is joined once, when both get the last part at the same time', async () => {
      await start();
      for (const fields of [{ public_id: 'notes' }, {}]) {
        const part = { fields: signed(fields), uploadId: JSON.stringify(fields) };
        await send(one, { ...first, ...part });
        await send(two, { ...second, ...part });
        const responses = await Promise.all([one, two, two, one].map((api) => send(api, { ...last, ...part })));
        assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
        assert.equal(new Set(responses.map(({ json }) => json['version_id'])).size, 1);
      }
      assert.deepEqual(await stored(), Buffer.from(file));
      assert.deepEqual([(await allOriginals()).length, one.faults, two.faults], [2, [], []]);
    });

    it('lets the last part wait for one that arrives at the other process', async () => {
      await start();
      await send(one, first);
      const slow = await openPart(one, 'bytes 10-19/26');
      slow.write('klmno');
      while ((await one.originals.unfinished?.uses?.list())?.length === 0) await delay(5);
      const waiting = send(two, last);
      await Promise.race([waiting.then(() => assert.fail('It did not wait')), delay(300)]);
      slow.write('pqrst\r\n--x--\r\n');
      assert.equal((await waiting).status, 200);
      assert.deepEqual(await stored(), Buffer.from(file));
    });

    it('does not give way to another one while a part of it arrives at the other process', async () => {
      let now = Date.now();
      await start();
      await two.close();
      const options = { clock: () => now, parts: { maxUploads: 1 } };
      two = await startApi(options, (originals) => originals, one.directory);
      await rm(join(one.directory, 'unfinished'), { recursive: true, force: true });
      await send(one, first);
      const slow = await openPart(one, 'bytes 10-19/26');
      slow.write('klmno');
      while ((await one.originals.unfinished?.uses?.list())?.length === 0) await delay(5);
      now += 3_600_000;
      assert.equal((await send(two, { ...first, uploadId: 'another' })).status, 503);
      slow.write('pqrst\r\n--x--\r\n');
      assert.equal((await send(one, last)).status, 200);
      now += 3_600_000;
      assert.equal((await send(two, { ...first, uploadId: 'another' })).status, 200);
    });
  });
});
