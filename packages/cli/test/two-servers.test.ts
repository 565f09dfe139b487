import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OriginalRecord } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { png } from '../../cloud/test/upload-api/png.ts';
import { endAll, serving } from './safelight-process.ts';

type Json = Readonly<Record<string, unknown>>;

const file = Buffer.from('abcdefghijklmnopqrstuvwxyz');

function signedForm(fields: Readonly<Record<string, string>>, bytes: Uint8Array<ArrayBuffer>): FormData {
  const all: Record<string, string> = { ...fields, timestamp: String(Math.floor(Date.now() / 1000)) };
  const text = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join('&');
  const body = new FormData();
  for (const [name, value] of Object.entries(all)) body.append(name, value);
  body.append('api_key', '1234');
  body.append('signature', createHash('sha1').update(`${text}secret`).digest('hex'));
  body.append('file', new Blob([bytes]), 'file.png');
  return body;
}

describe('two servers on one folder', function () {
  this.timeout(60_000);
  let data: string;

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
  });

  afterEach(async () => {
    await endAll();
    await rm(data, { recursive: true });
  });

  const start = () =>
    serving(['--data', data, '--index', 'none', '--api-key', '1234'], { SAFELIGHT_API_SECRET: 'secret' });

  async function post(origin: string, path: string, body: FormData, headers: Readonly<Record<string, string>>) {
    const response = await fetch(`${origin}/v1_1/demo/${path}/upload`, { method: 'POST', body, headers });
    return { status: response.status, json: (await response.json()) as Json };
  }

  async function storedOriginals(): Promise<readonly OriginalRecord[]> {
    const originals = fileOriginals({ directory: join(data, 'originals') });
    const versions: OriginalRecord[] = [];
    for await (const asset of originals.list()) versions.push(...(await originals.versions(asset)));
    return versions;
  }

  it('take parts of one upload, join them once, and store a repeated call once', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const sendPart = ({ origin }: { origin: string }, begin: number, end: number) =>
      post(origin, 'raw', signedForm({ public_id: 'film' }, file.subarray(begin, end)), {
        'content-range': `bytes ${begin}-${end - 1}/${file.length}`,
        'x-unique-upload-id': 'the upload of a film',
      });
    const parts = [await sendPart(one, 0, 9), await sendPart(two, 9, 18)];
    assert.deepEqual(
      parts.map(({ json }) => json['bytes']),
      [9, 18],
    );
    const joined = await Promise.all([sendPart(one, 18, 26), sendPart(two, 18, 26)]);
    const repeated = await Promise.all(
      [one, two].map(({ origin }) => post(origin, 'raw', signedForm({}, file), { 'idempotency-key': 'k' })),
    );
    for (const [first, second] of [joined, repeated]) {
      assert.equal(first?.status, 200);
      assert.deepEqual(first?.json['version_id'], second?.json['version_id']);
    }
    assert.equal((await storedOriginals()).length, 2);
  });

  it('store an upload once, whose server is killed between its publication and its response', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    // The derivative takes longer than all the rest.
    const fields = { eager: 'c_scale,w_1600,h_1600/avif' };
    const picture = png(60, 60);
    const upload = (origin: string) => post(origin, 'image', signedForm(fields, picture), { 'idempotency-key': 'k' });
    const lost = upload(one.origin).catch(() => 'lost');
    while ((await storedOriginals()).length === 0) await delay(5);
    const waiting = upload(two.origin);
    one.server.child.kill('SIGKILL');
    assert.equal(await lost, 'lost');
    const first = await waiting;
    assert.equal(first.status, 200);
    // Both are started again.
    two.server.child.kill('SIGKILL');
    const later = await start();
    const again = await upload(later.origin);
    const [original] = await storedOriginals();
    for (const { json } of [first, again]) {
      assert.deepEqual([json['public_id'], json['version_id']], [original?.publicId, original?.versionId]);
    }
    assert.equal((await storedOriginals()).length, 1);
  });
});
