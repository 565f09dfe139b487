import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { createDrain, type Drain } from '../src/drain.ts';

interface Scene {
  readonly drain: Drain;
  readonly port: number;
}

const close: (() => void)[] = [];

async function scene(respond: (req: IncomingMessage, res: ServerResponse) => void): Promise<Scene> {
  const server = createServer(respond);
  const drain = createDrain(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  close.push(() => server.close().closeAllConnections());
  return { drain, port: (server.address() as AddressInfo).port };
}

/** Sends a request on the one connection of an agent. */
async function ask(port: number, agent: Agent): Promise<{ readonly connection: string; readonly text: string }> {
  const call = request({ port, host: '127.0.0.1', agent }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const text = (await response.setEncoding('utf8').toArray()).join('');
  return { connection: String(response.headers.connection), text };
}

const oneConnection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });
/** In milliseconds; longer than any of these tests takes. */
const never = 60_000;

describe('the drain of a server', () => {
  afterEach(() => {
    for (const end of close.splice(0)) end();
  });

  it('accepts requests while it waits, on old and new connections, and asks their clients to leave', async () => {
    const { drain, port } = await scene((_req, res) => res.end('picture'));
    const agent = oneConnection();
    assert.deepEqual(await ask(port, agent), { connection: 'keep-alive', text: 'picture' });
    assert.equal(drain.isDraining(), false);
    const ended = drain.run({ waitMs: 300, graceMs: never });
    assert.equal(drain.isDraining(), true);
    assert.deepEqual(await ask(port, agent), { connection: 'close', text: 'picture' });
    assert.deepEqual(await ask(port, oneConnection()), { connection: 'close', text: 'picture' });
    assert.equal(await ended, 0);
    await assert.rejects(ask(port, oneConnection()), { code: 'ECONNREFUSED' });
  });

  it('sends whole bodies that have begun before, and then ends', async () => {
    const responses: ServerResponse[] = [];
    const { drain, port } = await scene((req, res) => {
      responses.push(res);
      if (req.url === '/') res.write('pic');
    });
    const begun = ask(port, oneConnection());
    while (responses.length === 0) await new Promise(setImmediate);
    const ended = drain.run({ waitMs: 0, graceMs: never });
    await new Promise((resolve) => setTimeout(resolve, 50));
    responses[0]?.end('ture');
    assert.deepEqual(await begun, { connection: 'keep-alive', text: 'picture' });
    assert.equal(await ended, 0);
  });

  it('closes the connection after a response whose head it has not sent', async () => {
    const responses: ServerResponse[] = [];
    const { drain, port } = await scene((_req, res) => void responses.push(res));
    const asked = ask(port, oneConnection());
    while (responses.length === 0) await new Promise(setImmediate);
    const ended = drain.run({ waitMs: 0, graceMs: never });
    responses[0]?.end('picture');
    assert.deepEqual(await asked, { connection: 'close', text: 'picture' });
    assert.equal(await ended, 0);
  });

  it('closes idle connections at once', async () => {
    const { drain, port } = await scene((_req, res) => res.end('picture'));
    await ask(port, oneConnection());
    const beganAt = performance.now();
    assert.equal(await drain.run({ waitMs: 0, graceMs: never }), 0);
    assert.ok(performance.now() - beganAt < 5000);
  });

  it('closes connections that never send a byte', async () => {
    const { drain, port } = await scene((_req, res) => res.end('picture'));
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket.resume(), 'close');
    assert.equal(await drain.run({ waitMs: 0, graceMs: never }), 0);
    await closed;
  });

  it('responds to a request whose head has begun to arrive', async () => {
    const { drain, port } = await scene((_req, res) => res.end('picture'));
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
    const ended = drain.run({ waitMs: 0, graceMs: never });
    await new Promise((resolve) => setTimeout(resolve, 700));
    socket.write('\r\n');
    const text = (await socket.toArray()).join('');
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*picture/);
    assert.equal(await ended, 0);
  });

  it('responds to requests that have arrived and are not read yet, on old and new connections', async () => {
    const { drain, port } = await scene((_req, res) => res.end('picture'));
    const hasSent = new Int32Array(new SharedArrayBuffer(4));
    const client = new Worker(new URL('./drain-client.ts', import.meta.url), { workerData: { port, hasSent } });
    await once(client, 'message');
    const [texts] = await Promise.all([
      once(client, 'message'),
      (async () => {
        client.postMessage('send');
        // This thread does nothing until all requests are sent.
        Atomics.wait(hasSent, 0, 0, 10_000);
        assert.equal(await drain.run({ waitMs: 0, graceMs: never }), 0);
      })(),
    ]);
    assert.deepEqual(texts[0], Array(21).fill('picture'));
    await client.terminate();
  });

  it('ends and counts the requests that are still running after the grace period', async () => {
    const { drain, port } = await scene((_req, res) => void res.write('pic'));
    const asked = Promise.all([ask(port, oneConnection()), ask(port, oneConnection())]);
    asked.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await drain.run({ waitMs: 0, graceMs: 50 }), 2);
    await assert.rejects(asked);
  });
});
