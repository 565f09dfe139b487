import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ExampleServer, exampleServer, picture, save } from './example-server.ts';

const path = '/proxied/cat.jpg';

describe('a server that is proxied to', () => {
  let server: ExampleServer;
  let port: number;
  let upstream: ChildProcess | undefined;

  beforeEach(async () => {
    port = await freePort();
    server = await exampleServer({ upstream: `http://127.0.0.1:${port}` });
  });
  afterEach(async () => {
    await die();
    await server.close();
  });

  it('dies: 502, tried again after 1, 2 and 4 seconds; returns: there at the next try', async () => {
    await save(server, 'cat.jpg', await picture());
    await live();
    assert.equal((await server.ask(path)).status, 200);
    await die();
    await failsLike(502);
    assert.equal((await server.ask(path)).headers.get('retry-after'), '8');
    await live();
    // Until the window ends the server is not asked; then the first request gets the picture.
    assert.equal((await server.ask(path)).status, 502);
    server.pass(8000);
    assert.equal((await server.ask(path)).status, 200);
  });

  it('is warming up: 503, held in the same way', async () => {
    await save(server, 'cat.jpg', await picture());
    await live({ BUSY: '1' });
    await failsLike(503);
    await die();
    await live();
    assert.equal((await server.ask(path)).status, 200);
  });

  it('misses a picture: asked once, and there after the upload', async () => {
    await live();
    for (let again = 0; again < 3; again += 1) assert.equal((await server.ask(path)).status, 404);
    assert.equal(server.attempts.proxied, 1);
    await server.upload('cat.jpg');
    const there = await server.ask(path);
    assert.equal(there.status, 200);
    assert.deepEqual(Buffer.from(await there.arrayBuffer()), await picture());
  });

  it('is down when a picture is uploaded: that frees the picture too', async () => {
    assert.equal((await server.ask(path)).status, 502);
    await live();
    assert.equal((await server.ask(path)).status, 502);
    await server.upload('cat.jpg');
    assert.equal((await server.ask(path)).status, 200);
  });

  it('is the only server that a client reaches, whatever host its request target names', async () => {
    await live();
    let reached = 0;
    const other = createServer((_req, res) => {
      reached += 1;
      res.end('another server');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const host = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    try {
      for (const target of [`http://${host}/proxied/cat.jpg`, `http://${host}/proxied`, `/proxied//${host}/cat.jpg`]) {
        assert.equal(await statusOf(server.port, target), 404, target);
      }
    } finally {
      other.closeAllConnections();
      other.close();
    }
    assert.equal(reached, 0);
    assert.equal(upstream?.exitCode, null);
  });

  /** Three failed attempts, each with the window that it has, until the end of the last. */
  async function failsLike(status: number): Promise<void> {
    const before = server.attempts.proxied;
    for (const [index, seconds] of [1, 2, 4].entries()) {
      const failed = await server.ask(path);
      assert.deepEqual([failed.status, failed.headers.get('retry-after')], [status, String(seconds)]);
      server.pass(seconds * 1000 - 1);
      assert.equal((await server.ask(path)).status, status);
      assert.equal(server.attempts.proxied, before + index + 1);
      server.pass(1);
    }
  }

  async function live(more: Record<string, string> = {}): Promise<void> {
    upstream = spawn(process.execPath, [new URL('../upstream.ts', import.meta.url).pathname], {
      env: { ...process.env, ...more, PORT: String(port), DATA: server.directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(upstream.stdout as NodeJS.ReadableStream, 'data');
  }

  async function die(): Promise<void> {
    const dying = upstream;
    upstream = undefined;
    if (dying === undefined) return;
    dying.kill('SIGKILL');
    await once(dying, 'exit');
  }
});

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Sends a request target as it is. */
async function statusOf(port: number, target: string): Promise<number | undefined> {
  const asked = get({ port, host: '127.0.0.1', path: target, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}
