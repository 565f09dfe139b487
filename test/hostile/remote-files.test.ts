import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { apiKey, apiSecret, type HostileScene, startServe, watchDelay } from './serve.ts';

const basic = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;

/** What the hostile server does, by the path of the request. `secret` is the origin of a server on another address. */
function hostile(secret: string): Readonly<Record<string, RequestListener>> {
  const redirect =
    (location: string): RequestListener =>
    (_, res) =>
      void res.writeHead(302, { location }).end();
  return {
    '/to-loopback': redirect(secret),
    '/to-metadata': redirect('http://169.254.169.254/latest/meta-data/'),
    '/to-mapped': redirect(secret.replace('127.0.0.2', '[::ffff:7f00:2]')),
    '/to-itself': redirect('/to-itself'),
    '/to-file': redirect('file:///etc/passwd'),
    '/silent': () => undefined,
    '/endless': (_, res) => {
      const piece = Buffer.alloc(65_536, 'x');
      const write = (): void => {
        while (!res.destroyed) if (!res.write(piece)) return void res.once('drain', write);
      };
      write();
    },
    '/short': (_, res) => void res.writeHead(200, { 'content-length': 9_000 }).write('short', () => res.destroy()),
    '/bomb': (_, res) => void res.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.alloc(1_000)),
    '/long-head': (_, res) => void res.writeHead(200, { a: 'b'.repeat(100_000) }).end(),
  };
}

async function listen<S extends Pick<Server, 'listen' | 'address'>>(server: S, host: string): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

describe('hostile remote files', function () {
  this.timeout(60_000);
  let scene: HostileScene;
  let origin: string;
  let secrets = 0;
  const secret = createServer((_, res) => {
    secrets += 1;
    res.end('secret');
  });
  let files: Readonly<Record<string, RequestListener>> = {};
  const server = createServer((req, res) => files[req.url ?? '']?.(req, res));

  before(async () => {
    const secretPort = await listen(secret, '127.0.0.2');
    files = hostile(`http://127.0.0.2:${secretPort}`);
    const port = await listen(server, '127.0.0.1');
    origin = `http://127.0.0.1:${port}`;
    const hosts = `*,*:${port},*:${secretPort}`;
    const flags = ['--remote-files', hosts, '--remote-addresses', '127.0.0.1'];
    scene = await startServe(['--api-key', apiKey, '--upload-preset', 'open', ...flags]);
  });
  after(async () => {
    await scene.end();
    for (const open of [server, secret]) {
      open.closeAllConnections();
      open.close();
    }
  });

  async function load(file: string): Promise<string> {
    const response = await fetch(`${scene.origin}/v1_1/demo/raw/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic },
      body: JSON.stringify({ file }),
    });
    const { error } = (await response.json()) as { readonly error?: { readonly message: string } };
    return `${response.status} ${error?.message.replace(/^Error in loading \S+ - /, '')}`;
  }

  const unreachable = '400 its host cannot be reached, or has no public address';
  const messages: Readonly<Record<string, string>> = {
    '/to-loopback': unreachable,
    '/to-metadata': unreachable,
    '/to-mapped': unreachable,
    '/to-itself': '400 it has more than 3 redirects',
    '/to-file': '400 it redirects to a scheme other than http and https',
    '/silent': '400 no byte has arrived in 10000 ms',
    '/endless': '400 File size too large. At most 100000000 bytes are accepted.',
    '/short': '400 the connection has ended before the end of the file',
    '/bomb': '400 the response has the Content-Encoding gzip, although identity was requested',
    '/long-head': unreachable,
  };

  it('are refused or bounded, all at once; nothing is stored, and others are served without delay', async () => {
    const slowest = await watchDelay(scene.origin);
    const paths = Object.keys(messages);
    const found = await Promise.all(paths.map(async (path) => [path, await load(origin + path)] as const));
    assert.deepEqual(Object.fromEntries(found), messages);
    assert.equal(secrets, 0);
    const stored = await readdir(join(scene.data, 'originals'), { recursive: true, withFileTypes: true });
    assert.deepEqual(
      stored.filter((entry) => entry.isFile() && !entry.name.includes('schema')).map(({ name }) => name),
      [],
    );
    const ms = await slowest();
    // A busy machine delays both sides; `bodies.test.ts` measures the event loop.
    assert.ok(ms < 2_000, `${ms} ms`);
  });

  it('tell nothing about the ports of a private network', async () => {
    const closed = createNetServer();
    const port = await listen(closed as unknown as Server, '127.0.0.2');
    closed.close();
    const { port: open } = secret.address() as AddressInfo;
    const urls = [`http://127.0.0.2:${open}/`, 'http://127.0.0.2/', 'http://10.0.0.1/', 'http://nothing.invalid/'];
    assert.deepEqual(
      await Promise.all(urls.map(load)),
      urls.map(() => unreachable),
    );
    assert.equal(await load(`http://127.0.0.2:${port}/`), '400 files are not fetched from its host or port');
    assert.equal(secrets, 0);
  });

  it('are not fetched for unsigned uploads', async () => {
    const body = new URLSearchParams({ upload_preset: 'open', file: `${origin}/endless` });
    const response = await fetch(`${scene.origin}/v1_1/demo/raw/upload`, { method: 'POST', body });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /not offered in an unsigned upload/);
  });
});
