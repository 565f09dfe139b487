import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, safelight, serving } from './safelight-process.ts';

/** More than fits into the buffers of a connection. */
const file = randomBytes(12 * 1024 ** 2);
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function uploadFile(origin: string): Promise<void> {
  const body = new FormData();
  body.append('upload_preset', 'open');
  body.append('public_id', 'large.bin');
  body.append('file', new Blob([file]), 'large.bin');
  const response = await fetch(`${origin}/v1_1/demo/raw/upload`, { method: 'POST', body });
  assert.equal(response.status, 200, await response.text());
}

async function get(url: string, agent: Agent | false = false): Promise<IncomingMessage> {
  const [response] = (await once(request(url, { agent }).end(), 'response')) as [IncomingMessage];
  return response;
}

async function connectionOf(origin: string) {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('safelight serve after SIGTERM', () => {
  let data: string;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-drain-'));
  });
  afterEach(endAll);
  after(() => rm(data, { recursive: true }));

  it('is not ready, responds until --drain-wait is over, sends whole bodies, and ends without its idle clients', async () => {
    const flags = ['--data', data, '--upload-preset', 'open', '--drain-wait', '500ms', '--drain-grace', '1h'];
    const { server, origin } = await serving(flags);
    await uploadFile(origin);
    const url = `${origin}/demo/raw/upload/large.bin`;
    const unused = await connectionOf(origin);
    const idle = new Agent({ keepAlive: true, maxSockets: 1 });
    (await get(`${origin}/_safelight/ready`, idle)).resume();
    const begun = await get(url);
    begun.pause();

    server.child.kill('SIGTERM');
    let ready = await get(`${origin}/_safelight/ready`);
    while (ready.statusCode === 200) {
      ready.resume();
      ready = await get(`${origin}/_safelight/ready`);
    }
    assert.deepEqual([ready.statusCode, ready.headers['retry-after']], [503, '1']);
    assert.equal(ready.headers.connection, 'close');
    assert.deepEqual(JSON.parse((await ready.setEncoding('utf8').toArray()).join('')), { status: 'draining' });
    const health = await fetch(`${origin}/_safelight/health`);
    assert.deepEqual([health.status, ((await health.json()) as { draining: boolean }).draining], [200, true]);
    const late = await get(url);
    assert.deepEqual([late.statusCode, late.headers.connection], [200, 'close']);

    for (const response of [begun, late]) {
      assert.equal(digest(Buffer.concat(await response.toArray())), digest(file));
    }
    assert.equal(await server.exit, 0);
    unused.destroy();
  });

  it('ends at once after a second signal while it waits', async () => {
    const { server, origin } = await serving(['--data', data, '--drain-wait', '1h']);
    server.child.kill('SIGTERM');
    while ((await fetch(`${origin}/_safelight/ready`)).status === 200);
    server.child.kill('SIGTERM');
    assert.equal(await server.exit, 143);
  });

  it('has no wait of other forms', async () => {
    const failing = safelight(['serve', '--data', data, '--drain-wait', '5']);
    assert.equal(await failing.exit, 2);
    assert.match(failing.errors(), /--drain-wait.*"5" is not a duration/);
  });
});
