import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Kind } from '../app.ts';
import { type ExampleServer, exampleServer } from './example-server.ts';

const paths: readonly (readonly [kind: Kind, path: string])[] = [
  ['own', '/own/cat.jpg?w=300'],
  ['ipx', '/ipx/w_300/cat.jpg'],
  ['resize', '/resize/cat.jpg?width=300&height=200'],
  ['files', '/files/cat.jpg'],
];

describe('existing handlers', () => {
  let server: ExampleServer;

  beforeEach(async () => {
    server = await exampleServer();
  });
  afterEach(() => server.close());

  for (const [kind, path] of paths) {
    it(`${path}: is attempted once while the picture is missing, and delivers it as soon as it is uploaded`, async () => {
      for (let again = 0; again < 5; again += 1) assert.equal((await server.ask(path)).status, 404);
      assert.equal(server.attempts[kind], 1);
      server.pass(60_000);
      assert.equal((await server.ask(path)).headers.get('retry-after'), '120');
      assert.equal(server.attempts[kind], 2);
      await server.upload('cat.jpg');
      const there = await server.ask(path);
      assert.equal(there.status, 200);
      assert.match(there.headers.get('content-type') ?? '', /^image\//);
      assert.ok((await there.arrayBuffer()).byteLength > 100);
    });
  }

  it('an original that is missing for one handler is not looked for by the others', async () => {
    await server.ask('/ipx/w_300/cat.jpg');
    for (const [, path] of paths)
      assert.match((await server.ask(path)).headers.get('server-timing') ?? '', /err;desc="missing_original"/);
    assert.deepEqual(server.attempts, { own: 0, ipx: 1, resize: 0, files: 0, proxied: 0 });
  });

  it('the failure of a bad width does not affect other widths', async () => {
    await server.upload('cat.jpg');
    // A thrown error is held. The 400 is held because the option `hold` names it.
    for (const [kind, path, status, attempts] of [
      ['own', '/own/cat.jpg?w=', 500, 1],
      ['resize', '/resize/cat.jpg?width=', 400, 1],
    ] as const) {
      for (let again = 0; again < 2; again += 1) assert.equal((await server.ask(`${path}x`)).status, status);
      assert.equal(server.attempts[kind], attempts);
      assert.equal((await server.ask(`${path}10`)).status, 200);
    }
  });

  it('express.static: ranges, conditions and HEAD have the same bytes as without the guard', async () => {
    await server.upload('cat.jpg');
    const { headers } = await server.ask('/bare/files/cat.jpg');
    const [etag, modified] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
    const requests: readonly (readonly [method: string, fields: readonly string[], status: number])[] = [
      ['GET', [], 200],
      ['HEAD', [], 200],
      ['GET', ['Range: bytes=0-9'], 206],
      ['GET', ['Range: bytes=-5'], 206],
      ['GET', ['Range: bytes=2-3,5-6'], 200],
      ['GET', ['Range: bytes=0-1', `If-Range: ${etag}`], 206],
      ['GET', ['Range: bytes=0-1', 'If-Range: "other"'], 200],
      ['GET', ['Range: bytes=999999-'], 416],
      ['GET', [`If-None-Match: ${etag}`], 304],
      ['GET', [`If-Modified-Since: ${modified}`], 304],
      ['GET', ['If-Match: "other"'], 412],
      ['HEAD', [`If-None-Match: ${etag}`], 304],
    ];
    for (const [method, fields, status] of requests) {
      const bare = await exchange(server.port, method, '/bare/files/cat.jpg', fields);
      const guarded = await exchange(server.port, method, '/files/cat.jpg', fields);
      assert.match(bare, new RegExp(`^HTTP/1\\.1 ${status} `), `${method} ${fields}`);
      assert.equal(guarded, bare, `${method} ${fields}`);
    }
  });
});

/** Sends one request on a new connection. Resolves with all received bytes, but without the value of `Date`. */
function exchange(port: number, method: string, path: string, fields: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () =>
      resolve(
        Buffer.concat(chunks)
          .toString('latin1')
          .replace(/^Date: .*$/m, 'Date: …'),
      ),
    );
    socket.write(
      [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...fields, '', ''].join('\r\n'),
    );
  });
}
