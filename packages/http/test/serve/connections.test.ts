import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ask } from '../../../../test/servers/ask.ts';
import { closeServers, frameworks } from '../../../../test/servers/servers.ts';
import { headers, picture, readPicture, type Served, served, until } from './served.ts';

const several = 'bytes=0-9,500000-599999,-10';
/** What makes the bytes be read: as a whole, one part, several. */
const asks: readonly (readonly [name: string, range: string | undefined])[] = [
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

  /** A connection of one's own, with a request on it. */
  function open({ port }: Served, range?: string, method = 'GET'): Socket {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(
      `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${range === undefined ? '' : `Range: ${range}\r\n`}\r\n`,
    );
    return socket;
  }

  /** Everything is let go of once, and nobody is told of a fault. */
  async function assertAtPeace({ counts, errors }: Served): Promise<void> {
    await until(() => counts.released === counts.asked && counts.closed === counts.opened);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    assert.equal(counts.released, counts.asked);
    assert.deepEqual(errors, []);
  }

  it('answers of every kind follow one another on one connection', async () => {
    const server = await served({ representation: { body: undefined } });
    const lines = [
      '',
      'Range: bytes=5-9',
      `Range: ${several}`,
      'If-None-Match: *',
      'If-Match: "dog"',
      'Range: bytes=-0',
    ];
    const requests = lines.map((line) => `GET / HTTP/1.1\r\nHost: a\r\n${line}${line === '' ? '' : '\r\n'}\r\n`);
    requests.push('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    socket.write(requests.join(''));
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
    await assertAtPeace(server);
    assert.equal(server.counts.opened, 6);
  });

  it('a client that ends its side gets all of it, where the server allows that', async () => {
    const server = await served({ representation: { body: undefined } });
    Object.assign(server.server, { httpAllowHalfOpen: true });
    const socket = open(server);
    socket.end();
    const received = Buffer.concat((await socket.toArray()) as Buffer[]);
    assert.ok(received.subarray(received.indexOf('\r\n\r\n') + 4).equals(picture));
    await assertAtPeace(server);
  });

  it('a client that ends its side leaves nothing open where it does not', async () => {
    const server = await served({ representation: { body: undefined, read: (a, b) => dripping(readPicture(a, b)) } });
    const socket = open(server);
    socket.end();
    const received = Buffer.concat((await socket.toArray()) as Buffer[]);
    assert.ok(received.length < picture.length);
    await assertAtPeace(server);
  });

  it('a slow client is waited for, and gets all of it', async function () {
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
    // What is on its way fills the buffers of both kernels, and then nothing more is read.
    let quiet = 0;
    for (let seen = 0; quiet < 200; seen = source.produced()) {
      await new Promise(setImmediate);
      quiet = source.produced() === seen && response?.writableNeedDrain === true ? quiet + 1 : 0;
    }
    assert.ok(source.produced() < source.bytes / 2, `${source.produced()} bytes were read for a client who reads none`);
    const received = Buffer.concat((await socket.toArray()) as Buffer[]);
    const digest = createHash('sha256')
      .update(received.subarray(received.indexOf('\r\n\r\n') + 4))
      .digest('hex');
    assert.equal(digest, source.digest());
    await assertAtPeace(server);
  });

  for (const [name, range] of asks) {
    it(`a client that leaves in the middle of ${name} closes what was opened`, async () => {
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
      await assertAtPeace(server);
    });

    it(`a client that disconnects while ${name} is silent closes its source`, async () => {
      const server = await served({
        representation: { body: undefined, read: () => new Readable({ read() {} }) },
      });
      const socket = open(server, range);
      await until(() => server.counts.opened === 1);
      socket.destroy();
      await assertAtPeace(server);
    });

    it(`a source of ${name} that fails while it is closed has no effect`, async () => {
      const destroy = (_: unknown, done: (error: Error) => void): void => done(new Error('close failed'));
      const server = await served({
        representation: { body: undefined, read: () => new Readable({ read() {}, destroy }) },
      });
      const socket = open(server, range);
      await until(() => server.counts.opened === 1);
      socket.destroy();
      await assertAtPeace(server);
    });

    it(`a client that has left before ${name} is written leaves nothing open`, async () => {
      const server = await served({
        representation: { body: undefined, read: () => new Readable({ read() {} }) },
        front: (_req, res, next) => void res.destroy().once('close', next),
      });
      open(server, range);
      await until(() => server.counts.asked === 1);
      await assertAtPeace(server);
    });

    const faults: Readonly<Record<string, (start: number, end: number) => Readable>> = {
      'breaks off': (start, end) => broken(readPicture(start, end), new Error('disk gone')),
      'is destroyed': (start, end) => broken(readPicture(start, end), undefined),
      'ends early': (start, end) => readPicture(start, end - 5),
      'goes on too long': (start, end) => Readable.from([picture.subarray(start, end), Buffer.from('and more')]),
    };
    for (const [fault, read] of Object.entries(faults)) {
      it(`a source of ${name} that ${fault} ends the connection`, async () => {
        // Of several parts the second one is spoilt.
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
      // Nothing has left yet, not even the status line.
      await assert.rejects(ask(server, '/', { headers: range === undefined ? {} : { Range: range } }));
      await until(() => server.counts.released === 1);
      assert.deepEqual(server.errors, [fault]);
    });
  }

  it('what is not sent is not opened', async () => {
    const server = await served({ representation: { body: undefined } });
    await ask(server, '/', { method: 'HEAD' });
    for (const asked of [{ 'If-None-Match': '*' }, { 'If-Match': '"dog"' }, { Range: 'bytes=-0' }]) {
      await ask(server, '/', { headers: asked });
    }
    await assertAtPeace(server);
    assert.deepEqual(server.counts, { asked: 4, released: 4, opened: 0, closed: 0 });
  });

  it('of several parts one is open at a time', async () => {
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
    await assertAtPeace(server);
    assert.deepEqual([server.counts.opened, maxOpen], [4, 1]);
  });

  it('what cannot be written any more is let go of', async () => {
    const representation = { headers: { ...headers, 'X-Bad': 'a\nb' } };
    const server = await served({ representation, framework: frameworks[0] });
    const { status, text } = await ask(server, '/');
    assert.equal(status, 500);
    assert.match(text, /^app: Invalid character/);
    assert.deepEqual(server.counts, { asked: 1, released: 1, opened: 0, closed: 0 });
  });
});

/** 64 MB that nobody has to hold, and a count of how much was asked for. */
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

/** The same in small pieces, so that there is a middle to leave in. */
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

/** Ends badly where something of it has come, with an error or without one. */
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
