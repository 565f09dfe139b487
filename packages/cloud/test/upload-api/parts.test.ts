import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type Originals, TransformError } from '@safelight/core';
import type { UploadApiOptions } from '../../src/upload-api/upload-api-options.ts';
import { type ApiServer, basic, form, signed, startApi } from './api-server.ts';
import { aroundPublish } from './around-publish.ts';
import {
  messageOf,
  openPart,
  type Part,
  partSender,
  type Response,
  storedBytes,
  untilNothingIsTemporary,
} from './part-sender.ts';
import { png } from './png.ts';

const file = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
const cut: readonly Part[] = [
  { start: 0, end: 10 },
  { start: 10, end: 20 },
  { start: 20, end: 26 },
];
const [first, second, last] = cut as [Part, Part, Part];

describe('an upload in parts', () => {
  let api: ApiServer;
  let send: (part: Part) => Promise<Response>;
  let published: number;
  let received: number;

  async function start(options: Partial<UploadApiOptions> = {}) {
    published = 0;
    received = 0;
    const countPublished = (originals: Originals) =>
      aroundPublish(originals, async (_facts, publish) => {
        const result = await publish();
        published += 1;
        return result;
      });
    api = await startApi(options, (originals) => ({
      ...countPublished(originals),
      async receive(source, limits) {
        const bytes = await originals.receive(source, limits);
        received += 1;
        return bytes;
      },
    }));
    send = partSender(api, file);
  }

  afterEach(async () => {
    await untilNothingIsTemporary(api);
    assert.deepEqual(api.faults, []);
    await api.close();
  });

  /** Waits until `count` parts are on disk and belong to their upload. */
  async function untilReceived(count: number): Promise<void> {
    while (received < count) await setImmediate();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
  }

  const partial = (bytes: number) => ({
    done: false,
    bytes,
    public_id: 'notes',
    resource_type: 'raw',
    kind: 'upload',
  });

  function assertStored({ status, json }: Response): void {
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json['public_id'], 'notes');
    assert.equal(json['bytes'], 26);
  }

  it('responds to each part with the received bytes, and to the last one like to a whole upload', async () => {
    await start();
    assert.deepEqual((await send(first)).json, partial(10));
    assert.deepEqual((await send(second)).json, partial(20));
    assert.equal(published, 0);
    const response = await send(last);
    assertStored(response);
    assert.equal(response.json['original_filename'], 'notes');
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
    assert.deepEqual([published, api.changes], [1, ['raw/notes']]);
  });

  it('accepts a stream whose total comes with its last part', async () => {
    await start();
    assert.equal((await send({ ...first, total: -1 })).status, 200);
    assert.equal((await send({ ...second, total: -1 })).status, 200);
    assertStored(await send(last));
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
  });

  it('accepts a file in one part', async () => {
    await start();
    assertStored(await send({ start: 0, end: 26 }));
  });

  it('refuses an empty file like a whole upload does', async () => {
    await start();
    const response = await send({ start: 0, end: 0, total: 0 });
    assert.deepEqual([response.status, messageOf(response)], [400, 'Empty file']);
  });

  it('accepts parts in any order, and tells the sender of an early last part what is missing', async () => {
    await start();
    const early = await send(last);
    assert.equal(early.status, 400);
    assert.equal(
      messageOf(early),
      'The last part was received, but bytes 0-19 of 26 are missing; received: bytes 20-25. Send the missing parts under the same X-Unique-Upload-Id, to the same server. The received parts are stored for 24 h.',
    );
    assert.deepEqual((await send(second)).json, partial(16));
    const response = await send(first);
    assertStored(response);
    assert.deepEqual((await send(last)).json, response.json);
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
    assert.equal(published, 1);
  });

  it('lets the last part wait for parts that are arriving', async () => {
    await start();
    await send(first);
    const slow = await openPart(api, 'bytes 10-19/26');
    slow.write('klmno');
    const waiting = send(last);
    await untilReceived(2);
    slow.write('pqrst\r\n--x--\r\n');
    assertStored(await waiting);
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
    assert.equal(published, 1);
  });

  it('does not wait for a part whose client has closed the connection', async () => {
    await start();
    await send(first);
    const leaving = await openPart(api, 'bytes 10-19/26');
    leaving.write('klmno');
    const waiting = send(last);
    await untilReceived(2);
    leaving.destroy();
    assert.match(messageOf(await waiting), / bytes 10-19 of 26 are missing; received: bytes 0-9, 20-25\./);
    assertStored(await send(second));
  });

  it('sends the same response to a repeated part', async () => {
    await start();
    await send(first);
    assert.deepEqual((await send(first)).json, partial(10));
    await send(second);
    assert.equal((await api.temporaryFiles()).length, 2);
    const responses = [await send(last), await send(last), await send(first)];
    assert.deepEqual(responses[1]?.json, responses[0]?.json);
    assert.deepEqual(responses[2]?.json, responses[0]?.json);
    assert.equal(published, 1);
  });

  it('stores once when a part, or the last one, is sent several times at the same time', async () => {
    await start();
    const signedParts = { fields: signed({ public_id: 'notes' }) };
    await Promise.all([send({ ...first, ...signedParts }), send({ ...first, ...signedParts })]);
    await send({ ...second, ...signedParts });
    const responses = await Promise.all([1, 2, 3].map(() => send({ ...last, ...signedParts })));
    for (const response of responses) assertStored(response);
    assert.equal(new Set(responses.map(({ json }) => json['version_id'])).size, 1);
    assert.deepEqual([published, api.changes.length], [1, 1]);
  });

  it('remembers the outcome for ten minutes', async () => {
    let now = Date.now();
    await start({ clock: () => now });
    for (const part of cut) await send(part);
    now += 599_999;
    assertStored(await send(last));
    now += 600_000;
    await send({ start: 0, end: 1, uploadId: 'another' });
    assert.match(messageOf(await send(last)), /bytes 0-19 of 26 are missing/);
    now += 86_400_000;
    assert.equal((await send({ start: 0, end: 26, uploadId: 'a third' })).json['existing'], true);
  });

  it('stores no second version when the first could not be confirmed', async () => {
    let isDown = true;
    await start({
      changed: async () => {
        if (isDown) throw new TransformError('store_unavailable', 'no store');
      },
    });
    const owned = { headers: { authorization: basic }, fields: { public_id: 'notes' } };
    for (const part of [first, second]) await send({ ...part, ...owned });
    assert.equal((await send({ ...last, ...owned })).status, 503);
    isDown = false;
    const response = await send({ ...last, ...owned });
    assertStored(response);
    assert.equal(response.json['overwritten'], undefined);
    assert.equal(published, 1);
    assert.equal(api.faults.splice(0).length, 1);
  });

  it('keeps its parts when publishing fails, so that the last one can be repeated', async () => {
    let failures = 1;
    await start();
    const failing = aroundPublish({ ...api.originals }, (_facts, publish) =>
      failures-- > 0 ? Promise.reject(new Error('disk full')) : publish(),
    );
    Object.assign(api.originals, failing);
    for (const part of [first, second]) await send(part);
    assert.equal((await send(last)).status, 500);
    assert.equal((await api.temporaryFiles()).length, 3);
    assertStored(await send(last));
    assert.equal(api.faults.splice(0).length, 1);
  });

  it('tells the sender which parts have been lost on the disk, without the ID', async () => {
    await start();
    const uploadId = 'a secret ID of 32 characters ...';
    for (const part of [first, second]) await send({ ...part, uploadId });
    const names = await api.temporaryFiles();
    const lost = names.find((name) => name.includes('10-20')) ?? '';
    await truncate(join(api.directory, 'unfinished', lost));
    const refused = await send({ ...last, uploadId });
    assert.equal(refused.status, 400);
    assert.match(messageOf(refused), / bytes 10-19 of 26 are missing; received: bytes 0-9, 20-25\./);
    const [fault] = api.faults.splice(0);
    assert.match(String(fault), /Bytes 10 to 20 of an unfinished upload were damaged/);
    assert.ok(!inspect(fault).includes(uploadId) && !messageOf(refused).includes(uploadId));
    assertStored(await send({ ...second, uploadId }));
  });

  it('goes on after a part that broke off, and stores none of its bytes', async () => {
    await start();
    await send(first);
    const leaving = await openPart(api, 'bytes 10-19/26');
    leaving.write('klmno');
    while ((await api.temporaryFiles()).length < 2) await setImmediate();
    leaving.destroy();
    while ((await api.temporaryFiles()).length > 1) await setImmediate();
    await send(second);
    assertStored(await send(last));
  });

  it('belongs to the identity that began it', async () => {
    await start({ uploadPresets: ['quickstart', 'others'] });
    await send(first);
    await send(second);
    for (const other of [
      { fields: { upload_preset: 'others', public_id: 'notes' } },
      { fields: { public_id: 'notes' }, headers: { authorization: basic } },
    ]) {
      assert.match(messageOf(await send({ ...last, ...other })), /bytes 0-19 of 26 are missing; received: bytes 20-25/);
      assert.equal((await send({ start: 0, end: 20, ...other, bytes: file.slice(6) })).status, 200);
      assert.deepEqual(await storedBytes(api), Buffer.concat([file.slice(6), file.slice(20)]));
      await api.originals.destroy({ resourceType: 'raw', publicId: 'notes' });
    }
    assertStored(await send(last));
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
  });

  it('finds the type of the joined file', async () => {
    await start();
    const picture = png(400, 300);
    const sendPicture = partSender(api, picture);
    const middle = picture.length >> 1;
    await sendPicture({ start: 0, end: middle, type: 'auto' });
    const { json } = await sendPicture({ start: middle, end: picture.length, type: 'auto' });
    assert.deepEqual([json['resource_type'], json['format'], json['width'], json['pages']], ['image', 'png', 400, 1]);
  });

  it('refuses a joined file that is not an image, also when repeated, and removes its parts', async () => {
    await start();
    for (const part of [first, second]) await send({ ...part, type: 'image' });
    const responses = [await send({ ...last, type: 'image' }), await send({ ...last, type: 'image' })];
    for (const response of responses) {
      assert.deepEqual([response.status, messageOf(response)], [400, 'Invalid image file']);
    }
    await untilNothingIsTemporary(api);
    assert.equal(published, 0);
  });

  it('sends the response of an earlier upload with the same Idempotency-Key', async () => {
    await start();
    const headers = { 'idempotency-key': 'k', authorization: basic };
    const fields = { public_id: 'notes' };
    const sendAll = async (uploadId: string) => {
      for (const part of [first, second]) await send({ ...part, uploadId, headers, fields });
      return send({ ...last, uploadId, headers, fields });
    };
    const response = await sendAll('u1');
    assertStored(response);
    assert.deepEqual((await sendAll('u2')).json, response.json);
    const whole = await fetch(`${api.apiUrl}/raw/upload`, { method: 'POST', headers, body: form(fields, file) });
    assert.deepEqual(await whole.json(), response.json);
    assert.equal(published, 1);
  });

  it('lets requests wait from its first part until its outcome', async () => {
    const events: string[] = [];
    await start({
      changing({ publicId }) {
        events.push(`${publicId} arrives`);
        let isOver = false;
        return () => {
          if (!isOver) events.push('over');
          isOver = true;
        };
      },
      changed: async () => void events.push('changed'),
      derive: async () => {
        events.push('derived');
        return { contentType: 'image/jpeg', format: 'jpg', body: Buffer.alloc(7) };
      },
    });
    const owned = { headers: { authorization: basic }, fields: { public_id: 'notes', eager: 'w_10' } };
    await send({ ...first, ...owned });
    assert.deepEqual(events, ['notes arrives']);
    await send({ ...second, ...owned });
    assert.deepEqual(events, ['notes arrives', 'notes arrives']);
    await send({ ...last, ...owned });
    assert.deepEqual(events.slice(2), ['notes arrives', 'changed', 'over', 'over', 'over', 'derived']);
  });
});
