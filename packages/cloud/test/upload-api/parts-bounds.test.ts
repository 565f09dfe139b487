import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { PartsOptions } from '../../src/upload-api/part-limits.ts';
import { type ApiServer, startApi } from './api-server.ts';
import {
  messageOf,
  openPart,
  type Part,
  partSender,
  type Response,
  storedBytes,
  untilNothingIsTemporary,
} from './part-sender.ts';

const file = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
const first: Part = { start: 0, end: 10 };
const rest: Part = { start: 10, end: 26 };

describe('stored parts of unfinished uploads', () => {
  let api: ApiServer;
  let send: (part: Part) => Promise<Response>;
  let now: number;

  async function start(parts: PartsOptions, maxUploadBytes = 26) {
    now = Date.now();
    api = await startApi({ parts, maxUploadBytes, clock: () => now });
    send = partSender(api, file);
  }

  const begin = async (uploadId: string) => (await send({ ...first, uploadId })).status;
  const finish = async (uploadId: string) => (await send({ ...rest, uploadId })).status;

  async function untilSoManyAreTemporary(count: number): Promise<void> {
    while ((await api.temporaryFiles()).length !== count) await setImmediate();
  }

  afterEach(() => api.close());

  it('are removed one day after the last part', async () => {
    await start({});
    await begin('a');
    now += 86_399_999;
    await begin('b');
    assert.equal((await api.temporaryFiles()).length, 2);
    now += 1;
    await begin('c');
    await untilSoManyAreTemporary(2);
    assert.equal(await finish('a'), 400);
    assert.equal(await finish('b'), 200);
  });

  it('are removed after that time also when no other part arrives', async () => {
    await start({ maxIdleMs: 20 });
    await begin('a');
    now += 20;
    await untilNothingIsTemporary(api);
  });

  it('have a limit on uploads: the least recently used one is removed, but not within a minute of its last part', async () => {
    await start({ maxUploads: 2 });
    assert.deepEqual([await begin('a'), await begin('b')], [200, 200]);
    now += 1_000;
    assert.equal(await begin('a'), 200);
    now += 58_999;
    const refused = await send({ ...first, uploadId: 'c' });
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '10']);
    assert.match(messageOf(refused), /^Too many uploads in parts are unfinished\. No part is lost/);
    await untilSoManyAreTemporary(2);
    now += 60_000;
    assert.equal(await begin('c'), 200);
    await untilSoManyAreTemporary(2);
    assert.deepEqual([await finish('a'), await finish('c')], [200, 200]);
    assert.equal(await finish('b'), 400);
  });

  it('are not removed while another part of the upload arrives', async () => {
    await start({ maxUploads: 1 });
    await begin('a');
    const slow = await openPart(api, 'bytes 10-19/26', 'a');
    slow.write('klmno');
    await untilSoManyAreTemporary(2);
    now += 86_400_000;
    assert.equal(await begin('b'), 503);
    slow.write('pqrst\r\n--x--\r\n');
    await once(slow, 'close');
    assert.equal((await send({ start: 20, end: 26, uploadId: 'a' })).status, 200);
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
  });

  it('have a limit for each client: a new one replaces the own one that was used least recently', async () => {
    await start({ maxUploadsPerClient: 1 });
    assert.equal(await begin('a'), 200);
    const refused = await send({ ...first, uploadId: 'b' });
    assert.equal(refused.status, 503);
    assert.match(messageOf(refused), /^Too many uploads in parts of this client are unfinished\. No part is lost/);
    now += 60_000;
    assert.equal(await begin('b'), 200);
    assert.deepEqual([await finish('b'), await finish('a')], [200, 400]);
  });

  it('make room at once when their upload is complete', async () => {
    await start({ maxUploads: 1 });
    for (const uploadId of ['a', 'b', 'c']) {
      assert.deepEqual([await begin(uploadId), await finish(uploadId)], [200, 200]);
    }
  });

  it('are not mixed with another file under the same ID', async () => {
    await start({ maxUploads: 1 });
    assert.deepEqual([await begin('a'), await finish('a'), await begin('b'), await finish('b')], [200, 200, 200, 200]);
    const other = await send({ start: 0, end: 26, uploadId: 'a', bytes: file.toReversed() });
    assert.equal(other.status, 400);
    const again = await send({ start: 0, end: 26, uploadId: 'b' });
    assert.equal(again.status, 200, 'the same file gets the same response');
  });

  it('have a limit on bytes', async () => {
    await start({ maxUnfinishedBytes: 29 });
    assert.deepEqual([await begin('a'), await begin('b'), await begin('c')], [200, 200, 503]);
    assert.equal(await finish('b'), 503);
    now += 60_000;
    assert.equal(await begin('b'), 200);
    assert.equal(await finish('b'), 200, 'the parts of a are removed to make room');
    assert.equal(await finish('a'), 400);
    await untilSoManyAreTemporary(1);
  });

  it('take ten times maxUploadBytes by default', async () => {
    await start({}, 10);
    const ten = { start: 0, end: 9, total: 10 };
    for (let n = 0; n < 11; n++) assert.equal((await send({ ...ten, uploadId: `${n}` })).status, 200);
    assert.equal((await send({ ...ten, uploadId: 'b' })).status, 503);
  });

  it('have a limit for each upload', async () => {
    await start({ maxParts: 3 });
    for (const start of [0, 2, 1]) assert.equal((await send({ start, end: start + 1 })).status, 200);
    const refused = await send({ start: 3, end: 4 });
    assert.deepEqual(
      [refused.status, messageOf(refused)],
      [400, 'More than 3 parts. Begin again with larger parts; received: bytes 0-2.'],
    );
    assert.equal((await send({ start: 2, end: 3 })).status, 200, 'a repeated part does not count');
  });

  it('have a limit of ten times as many for all uploads; complete uploads are removed first', async () => {
    await start({ maxParts: 2 });
    assert.deepEqual([await begin('done'), await finish('done')], [200, 200]);
    for (let n = 0; n < 20; n++) assert.equal(await begin(`${n}`), 200, `${n}`);
    assert.equal(await begin('one more'), 503);
    now += 60_000;
    assert.equal(await begin('one more'), 200);
  });

  it('are never removed from an upload whose last part has arrived', async () => {
    await start({ maxUnfinishedBytes: 26 });
    await begin('a');
    now += 60_000;
    assert.equal(await finish('a'), 200);
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
  });

  const wrong: readonly (readonly [PartsOptions, RegExp])[] = [
    [{ maxParts: 0 }, /^RangeError: parts\.maxParts is 0; it must be a whole number, at least 1\.$/],
    [{ minPartBytes: -1 }, /^RangeError: parts\.minPartBytes is -1; it must be a whole number of bytes, at least 0\.$/],
    [{ maxIdleMs: Number.NaN }, /^RangeError: parts\.maxIdleMs is NaN/],
    [{ maxUnfinishedBytes: 25 }, /parts\.maxUnfinishedBytes is 25; it must be at least maxUploadBytes \(26\)/],
  ];
  for (const [parts, message] of wrong) {
    it(`refuses ${JSON.stringify(parts)} at creation`, async () => {
      await start({});
      await assert.rejects(startApi({ parts, maxUploadBytes: 26 }), message);
    });
  }
});
