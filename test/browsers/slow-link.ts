import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/** A way to a server that is slow, stands still, loses connections or is gone, as a test wishes. */
export interface SlowLink {
  /** Where the server is, seen through the link. */
  readonly origin: string;
  /** What one connection carries towards the server, in bytes per second. Default: no bound. */
  bytesPerSecond: number;
  /** Bytes that have come in from clients, all connections together. */
  readonly sentBytes: number;
  /** Everything that has been carried, in either direction, as Latin-1. */
  readonly transcript: string;
  /** Takes no further byte from clients until `resume()`; connections stay. */
  stall(): void;
  resume(): void;
  /** Ends the connection on which so many more bytes have come in; once. Resolves when that has happened. */
  cutAfter(bytes: number): Promise<void>;
  /** Ends the connection on which the server's next answer comes, instead of carrying the answer; once. */
  loseAnswer(): Promise<void>;
  /** Ends all connections and refuses new ones until `restore()`. */
  breakDown(): void;
  restore(): void;
  close(): Promise<void>;
}

interface Armed {
  readonly atBytes: number;
  readonly happened: () => void;
}

/** A TCP proxy in front of a server of this machine. */
export async function startSlowLink(target: string): Promise<SlowLink> {
  const { port, hostname } = new URL(target);
  const sockets = new Set<Socket>();
  const carried: string[] = [];
  let sentBytes = 0;
  let isDown = false;
  let cut: Armed | undefined;
  let loss: Armed | undefined;
  let moving = Promise.resolve();
  let move: () => void = () => undefined;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isDown) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true).once('close', () => sockets.delete(socket)));
    }
    const end = (armed: Armed): void => {
      client.resetAndDestroy();
      upstream.destroy();
      armed.happened();
    };
    async function* toServer(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        sentBytes += chunk.length;
        carried.push(chunk.toString('latin1'));
        await moving;
        await setTimeout((chunk.length / link.bytesPerSecond) * 1000);
        if (cut !== undefined && sentBytes >= cut.atBytes) {
          end(cut);
          cut = undefined;
        }
        yield chunk;
      }
    }
    async function* toClient(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        if (loss !== undefined) {
          end(loss);
          loss = undefined;
        }
        carried.push(chunk.toString('latin1'));
        yield chunk;
      }
    }
    // What one side does to its connection happens to the other one too.
    for (const way of [pipeline(client, toServer, upstream), pipeline(upstream, toClient, client)]) {
      way.catch(() => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const link: SlowLink = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    get sentBytes() {
      return sentBytes;
    },
    get transcript() {
      return carried.join('');
    },
    stall() {
      moving = new Promise((resolve) => {
        move = resolve;
      });
    },
    resume: () => move(),
    cutAfter: (bytes) =>
      new Promise((happened) => {
        cut = { atBytes: sentBytes + bytes, happened };
      }),
    loseAnswer: () =>
      new Promise((happened) => {
        loss = { atBytes: 0, happened };
      }),
    breakDown() {
      isDown = true;
      for (const socket of sockets) {
        socket.resetAndDestroy();
      }
    },
    restore() {
      isDown = false;
    },
    async close() {
      move();
      link.breakDown();
      server.close();
      await once(server, 'close');
    },
  };
  return link;
}
