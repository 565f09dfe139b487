import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type ApiServer, form, startApi } from './api-server.ts';

/** Begins a form and sends the beginning of its file. */
function begin(api: ApiServer, bytes: number, fields: Readonly<Record<string, string>> = {}): ClientRequest {
  const call = request(`${api.apiUrl}/raw/upload`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  });
  call.on('error', () => undefined);
  for (const [name, value] of Object.entries(fields)) {
    call.write(`--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  }
  call.write('--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n');
  call.write(Buffer.alloc(bytes, 'x'));
  return call;
}

async function responseOf(
  call: ClientRequest,
): Promise<readonly [status: number | undefined, retryAfter: string | undefined]> {
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  return [response.statusCode, response.headers['retry-after']];
}

async function untilOnDisk(api: ApiServer, count: number): Promise<void> {
  while ((await api.temporaryFiles()).length < count) await new Promise(setImmediate);
}

describe('uploads that are being received', () => {
  let api: ApiServer;
  afterEach(async () => {
    assert.deepEqual(api.faults, []);
    await api.close();
  });

  it('may have a limited number of bytes before they are authenticated, over all connections', async () => {
    api = await startApi({ maxUploadBytes: 1_000_000, incoming: { maxUnverifiedBytes: 300_000 } });
    const open = begin(api, 200_000);
    await untilOnDisk(api, 1);
    assert.deepEqual(await responseOf(begin(api, 200_000)), [503, '10']);
    // One that is authenticated goes on.
    const known = begin(api, 400_000, { upload_preset: 'quickstart' });
    known.end('\r\n--b--');
    assert.equal((await responseOf(known))[0], 200);
    open.destroy();
    while ((await api.temporaryFiles()).length > 0) await new Promise(setImmediate);
    const late = begin(api, 200_000);
    late.end('\r\n--b\r\nContent-Disposition: form-data; name="upload_preset"\r\n\r\nquickstart\r\n--b--');
    assert.equal((await responseOf(late))[0], 200);
  });

  it('may have a limited number of bytes in all', async () => {
    api = await startApi({ maxUploadBytes: 1_000_000, incoming: { maxIncomingBytes: 300_000 } });
    begin(api, 200_000, { upload_preset: 'quickstart' });
    await untilOnDisk(api, 1);
    assert.deepEqual(await responseOf(begin(api, 200_000, { upload_preset: 'quickstart' })), [503, '10']);
  });

  it('of one client may have a limited number of bytes, also when they are authenticated', async () => {
    api = await startApi({ maxUploadBytes: 1_000_000, incoming: { maxBytesPerClient: 300_000 } });
    const known = { upload_preset: 'quickstart' };
    const open = begin(api, 200_000, known);
    await untilOnDisk(api, 1);
    assert.deepEqual(await responseOf(begin(api, 200_000, known)), [503, '10']);
    open.end('\r\n--b--');
    assert.equal((await responseOf(open))[0], 200);
    const next = begin(api, 200_000, known);
    next.end('\r\n--b--');
    assert.equal((await responseOf(next))[0], 200);
  });

  it('a client may have a limited number of calls', async () => {
    api = await startApi({ incoming: { maxCallsPerClient: 2 } });
    const first = begin(api, 10, { upload_preset: 'quickstart' });
    begin(api, 10, { upload_preset: 'quickstart' });
    await untilOnDisk(api, 2);
    assert.deepEqual(await responseOf(begin(api, 10)), [503, '10']);
    first.end('\r\n--b--');
    assert.equal((await responseOf(first))[0], 200);
    const next = begin(api, 10, { upload_preset: 'quickstart' });
    next.end('\r\n--b--');
    assert.equal((await responseOf(next))[0], 200);
  });

  it('must arrive: 408 for a body that stalls or trickles, and nothing is stored', async () => {
    api = await startApi({ body: { maxIdleMs: 100 } });
    const stalled = begin(api, 10, { upload_preset: 'quickstart' });
    assert.equal((await responseOf(stalled))[0], 408);
    // More than 8 KiB at once do not allow a trickle after them.
    const trickling = begin(api, 20_000);
    const drops = setInterval(() => trickling.write('x'), 10);
    assert.equal((await responseOf(trickling))[0], 408);
    clearInterval(drops);
    while ((await api.temporaryFiles()).length > 0) await new Promise(setImmediate);
  });

  it('are refused before their body when nothing can be uploaded', async () => {
    const none = { apiKey: undefined, apiSecret: undefined };
    api = await startApi({ ...none, uploadPresets: [] });
    assert.equal((await responseOf(begin(api, 10)))[0], 401);
    assert.deepEqual(await api.temporaryFiles(), []);
    await api.close();
    api = await startApi({ ...none });
    const destroy = await fetch(`${api.apiUrl}/image/destroy`, { method: 'POST', body: form({ public_id: 'cat' }) });
    assert.deepEqual(
      [destroy.status, (await destroy.json()).error.message],
      [401, 'Signed calls are not offered here: no API key is configured'],
    );
  });
});
