import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type ExampleServer, exampleServer, picture, save } from './example-server.ts';

const path = '/proxied/cat.jpg';

describe('a server behind a proxy', () => {
  let server: ExampleServer;
  let port: number;
  let upstream: ChildProcess | undefined;

  beforeEach(async () => {
    port = await freePort();
    server = await exampleServer({ upstream: `http://127.0.0.1:${port}` });
  });
  afterEach(async () => {
    await stop();
    await server.close();
  });

  it('is down: 502, with attempts after 1, 2 and 4 seconds; is up again: delivers at the next attempt', async () => {
    await save(server, 'cat.jpg', await picture());
    await start();
    assert.equal((await server.ask(path)).status, 200);
    await stop();
    await failsLike(502);
    assert.equal((await server.ask(path)).headers.get('retry-after'), '8');
    await start();
    // Until the window ends, no request reaches the server. Then the first request gets the picture.
    assert.equal((await server.ask(path)).status, 502);
    server.pass(8000);
    assert.equal((await server.ask(path)).status, 200);
  });

  it('is still starting: 503, cached in the same way', async () => {
    await save(server, 'cat.jpg', await picture());
    await start({ BUSY: '1' });
    await failsLike(503);
    await stop();
    await start();
    assert.equal((await server.ask(path)).status, 200);
  });

  it('does not have a picture: one attempt, and delivers it after the upload', async () => {
    await start();
    for (let again = 0; again < 3; again += 1) assert.equal((await server.ask(path)).status, 404);
    assert.equal(server.attempts.proxied, 1);
    await server.upload('cat.jpg');
    const there = await server.ask(path);
    assert.equal(there.status, 200);
    assert.deepEqual(Buffer.from(await there.arrayBuffer()), await picture());
  });

  it('gets no field of the connection, and a request with a body stays one request', async () => {
    await save(server, 'cat.jpg', await picture());
    await start();
    const end = 'GET /evil HTTP/1.1\r\nHost: a\r\n\r\n';
    for (const fields of [
      'Trailer: x\r\n\r\n',
      'TE: gzip\r\nTrailer: x\r\nExpect: 100-continue\r\n\r\n',
      `Content-Length: ${end.length}\r\n\r\n${end}`,
      `Connection: content-length\r\nContent-Length: ${end.length}\r\n\r\n${end}`,
      `Transfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n\r\n${end.length.toString(16)}\r\n${end}\r\n0\r\n\r\n`,
    ]) {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(`GET ${path}?w=1 HTTP/1.1\r\nHost: a\r\n${fields}`);
      const [head] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      assert.match(head.toString('latin1'), /^HTTP\/1\.1 (?:100|200)/, fields);
    }
    for (let time = 0; time < 3; time += 1) {
      assert.deepEqual(Buffer.from(await (await server.ask(path)).arrayBuffer()), await picture());
    }
  });

  it('is down when a picture is uploaded: the upload removes that error, too', async () => {
    assert.equal((await server.ask(path)).status, 502);
    await start();
    assert.equal((await server.ask(path)).status, 502);
    await server.upload('cat.jpg');
    assert.equal((await server.ask(path)).status, 200);
  });

  it('is the only server that a client reaches, whatever host its request target names', async () => {
    await start();
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

  /** Expects three failed attempts, each with its window, until the end of the last window. */
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

  async function start(more: Record<string, string> = {}): Promise<void> {
    upstream = spawn(process.execPath, [new URL('../upstream.ts', import.meta.url).pathname], {
      env: { ...process.env, ...more, PORT: String(port), DATA: server.directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(upstream.stdout as NodeJS.ReadableStream, 'data');
  }

  async function stop(): Promise<void> {
    const stopping = upstream;
    upstream = undefined;
    if (stopping === undefined) return;
    stopping.kill('SIGKILL');
    await once(stopping, 'exit');
  }
});

/** A port that no server uses. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Sends a request target unchanged, and resolves with the status. */
async function statusOf(port: number, target: string): Promise<number | undefined> {
  const request = get({ port, host: '127.0.0.1', path: target, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}
