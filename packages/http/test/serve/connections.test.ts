import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ask } from '../../../../test/servers/ask.ts';
import { closeServers, frameworks } from '../../../../test/servers/servers.ts';
import { headers, picture, readPicture, type Served, served, until } from './served.ts';

const several = 'bytes=0-9,500000-599999,-10';
/** Requests that read the bytes: the whole, one part, several parts. */
const requests: readonly (readonly [name: string, range: string | undefined])[] = [
  ['the whole', undefined],
  ['a part', 'bytes=10-'],
  ['several parts', several],
];

describe('connections', () => {
  const sockets: Socket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await closeServers();
  });

  /** Opens a connection and sends a request. */
  function open({ port }: Served, range?: string, method = 'GET'): Socket {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(
      `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${range === undefined ? '' : `Range: ${range}\r\n`}\r\n`,
    );
    return socket;
  }

  /** Each representation is released once, each source is closed, and no error is reported. */
  async function assertAllReleased({ counts, errors }: Served): Promise<void> {
    await until(() => counts.released === counts.asked && counts.closed === counts.opened);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    assert.equal(counts.released, counts.asked);
    assert.deepEqual(errors, []);
  }

  it('responses of all kinds can follow one another on one connection', async () => {
    const server = await served({ representation: { body: undefined } });
    const lines = [
      '',
      'Range: bytes=5-9',
      `Range: ${several}`,
      'If-None-Match: *',
      'If-Match: "dog"',
      'Range: bytes=-0',
    ];
    const messages = lines.map((line) => `GET / HTTP/1.1\r\nHost: a\r\n${line}${line === '' ? '' : '\r\n'}\r\n`);
    messages.push('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    socket.write(messages.join(''));
    const stream = Buffer.concat((await socket.toArray()) as Buffer[]);
    const statuses: number[] = [];
    for (let at = 0; at < stream.length; ) {
      const end = stream.indexOf('\r\n\r\n', at) + 4;
      const head = stream.toString('latin1', at, end);
      const status = Number(/^HTTP\/1\.1 (\d+) /.exec(head)?.[1]);
      const isHead = statuses.length === 6;
      const length = isHead ? 0 : Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
      const body = stream.subarray(end, end + length);
      if (status === 200 && !isHead) assert.ok(body.equals(picture));
      statuses.push(status);
      at = end + length;
    }
    assert.deepEqual(statuses, [200, 206, 206, 304, 412, 416, 200, 200]);
    await assertAllReleased(server);
    assert.equal(server.counts.opened, 6);
  });

  it('a client that ends its side gets the whole body, when the server allows half-open connections', async () => {
    const server = await served({ representation: { body: undefined } });
    Object.assign(server.server, { httpAllowHalfOpen: true });
    const socket = open(server);
    socket.end();
    const received = Buffer.concat((await socket.toArray()) as Buffer[]);
    assert.ok(received.subarray(received.indexOf('\r\n\r\n') + 4).equals(picture));
    await assertAllReleased(server);
  });

  it('a client that ends its side leaves nothing open, when the server does not allow them', async () => {
    const server = await served({ representation: { body: undefined, read: (a, b) => dripping(readPicture(a, b)) } });
    const socket = open(server);
    socket.end();
    const received = Buffer.concat((await socket.toArray()) as Buffer[]);
    assert.ok(received.length < picture.length);
    await assertAllReleased(server);
  });

  it('a slow client gets the whole body, and the source is read no faster', async function () {
    this.timeout(30_000);
    const source = numberedSource();
    let response: ServerResponse | undefined;
    const server = await served({
      representation: {
        headers: { 'Content-Type': 'image/png' },
        bytes: source.bytes,
        body: undefined,
        read: source.read,
      },
      front: (_req, res, next) => {
        response = res;
        next();
      },
    });
    const socket = open(server);
    socket.pause();
    // The buffers of both sockets become full; then the source must not be read any more.
    let quiet = 0;
    for (let seen = 0; quiet < 200; seen = source.produced()) {
      await new Promise(setImmediate);
      quiet = source.produced() === seen && response?.writableNeedDrain === true ? quiet + 1 : 0;
    }
    assert.ok(
      source.produced() < source.bytes / 2,
      `${source.produced()} bytes were read for a client that reads none`,
    );
    const received = Buffer.concat((await socket.toArray()) as Buffer[]);
    const digest = createHash('sha256')
      .update(received.subarray(received.indexOf('\r\n\r\n') + 4))
      .digest('hex');
    assert.equal(digest, source.digest());
    await assertAllReleased(server);
  });

  for (const [name, range] of requests) {
    it(`a client that disconnects in the middle of ${name} closes the source`, async () => {
      const server = await served({
        representation: { body: undefined, read: (start, end) => dripping(readPicture(start, end)) },
      });
      const clients = Array.from({ length: 20 }, async (_, i) => {
        const socket = open(server, range);
        let received = 0;
        socket.on('data', (chunk) => {
          received += chunk.length;
          if (received > i * 1000) socket.destroy();
        });
        await new Promise((resolve) => socket.once('close', resolve));
      });
      await Promise.all(clients);
      assert.equal(server.counts.asked, 20);
      await assertAllReleased(server);
    });

    it(`a client that disconnects while ${name} is silent closes its source`, async () => {
      const server = await served({
        representation: { body: undefined, read: () => new Readable({ read() {} }) },
      });
      const socket = open(server, range);
      await until(() => server.counts.opened === 1);
      socket.destroy();
      await assertAllReleased(server);
    });

    it(`a source of ${name} that fails while it is closed has no effect`, async () => {
      const destroy = (_: unknown, done: (error: Error) => void): void => done(new Error('close failed'));
      const server = await served({
        representation: { body: undefined, read: () => new Readable({ read() {}, destroy }) },
      });
      const socket = open(server, range);
      await until(() => server.counts.opened === 1);
      socket.destroy();
      await assertAllReleased(server);
    });

    it(`a client that disconnected before ${name} is written leaves nothing open`, async () => {
      const server = await served({
        representation: { body: undefined, read: () => new Readable({ read() {} }) },
        front: (_req, res, next) => void res.destroy().once('close', next),
      });
      open(server, range);
      await until(() => server.counts.asked === 1);
      await assertAllReleased(server);
    });

    const faults: Readonly<Record<string, (start: number, end: number) => Readable>> = {
      'breaks off': (start, end) => broken(readPicture(start, end), new Error('disk gone')),
      'is destroyed': (start, end) => broken(readPicture(start, end), undefined),
      'ends early': (start, end) => readPicture(start, end - 5),
      'goes on too long': (start, end) => Readable.from([picture.subarray(start, end), Buffer.from('and more')]),
    };
    for (const [fault, read] of Object.entries(faults)) {
      it(`a source of ${name} that ${fault} ends the connection`, async () => {
        // With several parts, only the second one fails.
        const isSound = (start: number): boolean => range === several && start === 0;
        const server = await served({
          representation: {
            body: undefined,
            read: (start = 0, end = picture.length) => (isSound(start) ? readPicture : read)(start, end),
          },
        });
        const reply = await ask(server, '/', { headers: range === undefined ? {} : { Range: range } });
        if (fault !== 'goes on too long') assert.ok(reply.body.length < Number(reply.headers['content-length']));
        else if (range !== several) assert.ok(reply.body.equals(picture.subarray(range === undefined ? 0 : 10)));
        await until(() => server.counts.released === 1 && server.counts.closed === server.counts.opened);
        assert.equal(server.errors.length, 1);
        if (fault === 'breaks off') assert.equal((server.errors[0] as Error).message, 'disk gone');
      });
    }

    it(`a read of ${name} that throws ends the connection`, async () => {
      const fault = new Error('too many files');
      const read = (): never => {
        throw fault;
      };
      const server = await served({ representation: { body: undefined, read } });
      // The status line was not sent yet.
      await assert.rejects(ask(server, '/', { headers: range === undefined ? {} : { Range: range } }));
      await until(() => server.counts.released === 1);
      assert.deepEqual(server.errors, [fault]);
    });
  }

  it('a body that is not sent is not opened', async () => {
    const server = await served({ representation: { body: undefined } });
    await ask(server, '/', { method: 'HEAD' });
    for (const asked of [{ 'If-None-Match': '*' }, { 'If-Match': '"dog"' }, { Range: 'bytes=-0' }]) {
      await ask(server, '/', { headers: asked });
    }
    await assertAllReleased(server);
    assert.deepEqual(server.counts, { asked: 4, released: 4, opened: 0, closed: 0 });
  });

  it('several parts are opened one after the other', async () => {
    let maxOpen = 0;
    const server: Served = await served({
      representation: {
        body: undefined,
        read: (start, end) => {
          maxOpen = Math.max(maxOpen, 1 + server.counts.opened - server.counts.closed);
          return readPicture(start, end);
        },
      },
    });
    const { complete } = await ask(server, '/', { headers: { Range: 'bytes=0-9,100-109,200-209,300-309' } });
    assert.ok(complete);
    await assertAllReleased(server);
    assert.deepEqual([server.counts.opened, maxOpen], [4, 1]);
  });

  it('a response with an invalid header is released', async () => {
    const representation = { headers: { ...headers, 'X-Bad': 'a\nb' } };
    const server = await served({ representation, framework: frameworks[0] });
    const { status, text } = await ask(server, '/');
    assert.equal(status, 500);
    assert.match(text, /^app: Invalid character/);
    assert.deepEqual(server.counts, { asked: 1, released: 1, opened: 0, closed: 0 });
  });
});

/** A source of 64 MB that is made as it is read, and a count of the bytes that were read. */
function numberedSource(): { bytes: number; read: () => Readable; produced: () => number; digest: () => string } {
  const piece = Buffer.alloc(65_536);
  const pieces = 1024;
  const hash = createHash('sha256');
  let made = 0;
  const read = (): Readable =>
    new Readable({
      read() {
        if (made === pieces) return void this.push(null);
        piece.writeUInt32BE(made, 0);
        made += 1;
        hash.update(piece);
        this.push(Buffer.from(piece));
      },
    });
  return { bytes: pieces * piece.length, read, produced: () => made * piece.length, digest: () => hash.digest('hex') };
}

/** The same bytes in small pieces, so that a client can disconnect in the middle. */
function dripping(source: Readable): Readable {
  async function* drops(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; at += 1000) {
        yield chunk.subarray(at, at + 1000);
        await new Promise(setImmediate);
      }
    }
  }
  return Readable.from(drops(), { objectMode: false });
}

/** Sends a few bytes and is then destroyed, with an error or without one. */
function broken(source: Readable, error: Error | undefined): Readable {
  const start = dripping(source);
  const broken = new Readable({ read() {} });
  start.once('data', (chunk) => {
    start.destroy();
    broken.push(chunk.subarray(0, 5));
    setImmediate(() => broken.destroy(error));
  });
  return broken;
}
