import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { TransformError } from '@safelight/core';
import { type ApiServer, apiKey, apiSecret, form, signed, startApi } from './api-server.ts';
import { png } from './png.ts';

function part(name: string, content: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;
}

/** The server sees that a client has left a little later. */
async function untilAccepted(send: () => Promise<readonly [number, string | undefined]>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const [status, message] = await send();
    if (status === 200) return;
    assert.match(message ?? '', /^This signature was used before/);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('the signature stays used');
}

describe('a signature that is used again', () => {
  let api: ApiServer;
  afterEach(async () => {
    assert.deepEqual(api.faults, []);
    await api.close();
  });

  async function send(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    const body = path.endsWith('upload') ? form(fields, png(2, 2)) : form(fields);
    const response = await fetch(`${api.apiUrl}/${path}`, { method: 'POST', body, headers });
    const json = (await response.json()) as { readonly error?: { readonly message: string } };
    return [response.status, json.error?.message] as const;
  }

  it('is accepted by default, as in Cloudinary: an SDK may destroy and upload in one second', async () => {
    api = await startApi();
    const fields = signed({ public_id: 'cat' });
    for (const path of ['image/upload', 'image/destroy', 'image/upload', 'image/upload']) {
      assert.equal((await send(path, fields))[0], 200, path);
    }
  });

  it('with same-operation is refused for another operation, or for another resource type of an asset', async () => {
    api = await startApi({ signatureReuse: 'same-operation' });
    const fields = signed({ public_id: 'cat' });
    assert.equal((await send('image/upload', fields))[0], 200);
    assert.equal((await send('image/upload', fields))[0], 200);
    const refusal =
      'This signature was used for image upload, and is not valid for image destroy. Sign the call again.';
    assert.deepEqual(await send('image/destroy', fields), [401, refusal]);
    assert.equal((await send('raw/upload', fields))[0], 401);
    // Without a public ID the signature of a page is for each file that it sends.
    const anyFile = signed({ folder: 'f' });
    assert.deepEqual([(await send('image/upload', anyFile))[0], (await send('raw/upload', anyFile))[0]], [200, 200]);
  });

  it('with never is refused, except for repeats and parts of one call', async () => {
    api = await startApi({ signatureReuse: 'never' });
    const fields = signed({ public_id: 'cat' });
    assert.equal((await send('image/upload', fields))[0], 200);
    assert.match((await send('image/upload', fields))[1] ?? '', /^This signature was used before/);
    const repeated = signed({ public_id: 'dog' });
    for (let i = 0; i < 2; i += 1)
      assert.equal((await send('image/upload', repeated, { 'idempotency-key': 'k' }))[0], 200);
    const parts = signed({ public_id: 'notes' });
    const file = png(2, 2);
    for (const [start, end] of [
      [0, 9],
      [10, file.length - 1],
    ] as const) {
      const range = `bytes ${start}-${end}/${file.length}`;
      const body = form(parts, new Uint8Array(file.subarray(start, end + 1)));
      const headers = { 'x-unique-upload-id': 'u', 'content-range': range };
      assert.equal((await fetch(`${api.apiUrl}/image/upload`, { method: 'POST', body, headers })).status, 200);
    }
  });

  it('with never is valid again after a 503, a 408, or when the client has left, if nothing was changed', async () => {
    let isBusy = true;
    const handler = Object.assign(async () => Promise.reject(new Error('not used')), {
      probe: async () => {
        if (isBusy) throw new TransformError('busy', 'Too many pictures wait');
        return { format: 'png', width: 2, height: 2, pages: 1 };
      },
    });
    api = await startApi({ signatureReuse: 'never', handler, body: { maxIdleMs: 200 } });
    const fields = signed({ public_id: 'cat' });
    assert.equal((await send('image/upload', fields))[0], 503);
    isBusy = false;

    const { port } = new URL(api.apiUrl);
    const begin = [...Object.entries(fields).map(([name, value]) => part(name, value)), part('file', 'GIF')].join('');
    const head = `POST ${new URL(api.apiUrl).pathname}/image/upload HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n`;
    const slow = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    slow.write(head + begin);
    assert.match((await once(slow, 'data'))[0] as string, /^HTTP\/1\.1 408/);
    slow.destroy();

    const leaving = connect(Number(port), '127.0.0.1');
    leaving.write(head + begin, () => leaving.destroy());
    await once(leaving, 'close');
    await untilAccepted(() => send('image/upload', fields));
    assert.match((await send('image/upload', fields))[1] ?? '', /^This signature was used before/);
  });

  it('with never stays used after a 400, and after a 503 of a call that has changed something', async () => {
    let isDown = true;
    api = await startApi({
      signatureReuse: 'never',
      changed: async () => {
        if (isDown) throw new Error('The store is down');
      },
    });
    const fields = signed({ public_id: 'cat' });
    const [status, message] = await send('image/upload', fields);
    assert.deepEqual([status, /^The upload is stored, but/.test(message ?? '')], [503, true]);
    isDown = false;
    assert.match((await send('image/upload', fields))[1] ?? '', /^This signature was used before/);
    const malformed = signed({ public_id: 'cat', overwrite: 'maybe' });
    assert.equal((await send('image/upload', malformed))[0], 400);
    assert.match((await send('image/upload', malformed))[1] ?? '', /^This signature was used before/);
    assert.equal(api.faults.length, 1);
    api.faults.length = 0;
  });

  it('may be of any of several keys', async () => {
    api = await startApi({ apiKey: 'new', apiSecret: 'new-secret', otherKeys: [{ apiKey, apiSecret }] });
    assert.equal((await send('image/upload', signed({ public_id: 'cat' })))[0], 200);
    const old = `Basic ${btoa(`${apiKey}:${apiSecret}`)}`;
    const statusWith = async (authorization: string) =>
      (await fetch(`${api.apiUrl}/ping`, { headers: { authorization } })).status;
    const statuses = [
      await statusWith(old),
      await statusWith(`Basic ${btoa('new:new-secret')}`),
      await statusWith(`Basic ${btoa(`new:${apiSecret}`)}`),
    ];
    assert.deepEqual(statuses, [200, 200, 401]);
  });
});
