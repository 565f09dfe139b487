import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/**
 * A connection to a server that a test can make slow, stop, cut or close. The sockets in front of it take some megabytes
 * at once, so a small body has left the browser before the link has an effect.
 */
export interface SlowLink {
  /** The origin of the server behind the link. */
  readonly origin: string;
  /** The maximum speed of one connection towards the server, in bytes per second. Default: no limit. */
  bytesPerSecond: number;
  /** Takes no further byte from clients until `resume()`; connections stay open. */
  stall(): void;
  resume(): void;
  /** Ends the next connection that has received this number of bytes from its client; once. Then it resolves. */
  cutAfter(bytes: number): Promise<void>;
  /** Ends the connection of the next response, in place of forwarding the response; once. Then it resolves. */
  loseResponse(): Promise<void>;
  /** Ends all connections and takes no new ones until `restore()`. Resolves when a client has tried to connect. */
  breakDown(): Promise<void>;
  restore(): void;
  close(): Promise<void>;
}

/**
 * A TCP proxy in front of a server of this machine.
 * @param tap - called with all data of both directions
 */
export async function startSlowLink(target: string, tap?: (chunk: Buffer) => void): Promise<SlowLink> {
  const { port, hostname } = new URL(target);
  const sockets = new Set<Socket>();
  let sentBytes = 0;
  let moving = Promise.resolve();
  let move: () => void = () => undefined;
  let cut: { readonly atBytes: number; readonly happened: () => void } | undefined;
  let responseLost: (() => void) | undefined;
  let refused: (() => void) | undefined;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (refused !== undefined) {
      client.resetAndDestroy();
      refused();
      return;
    }
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true).once('close', () => sockets.delete(socket)));
    }
    async function* toServer(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        sentBytes += chunk.length;
        tap?.(chunk);
        await moving;
        await setTimeout((chunk.length / link.bytesPerSecond) * 1000);
        if (cut !== undefined && sentBytes >= cut.atBytes) {
          client.resetAndDestroy();
          cut.happened();
          cut = undefined;
        }
        yield chunk;
      }
    }
    async function* toClient(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        if (responseLost !== undefined) {
          client.resetAndDestroy();
          responseLost();
          responseLost = undefined;
        }
        tap?.(chunk);
        yield chunk;
      }
    }
    // When one side ends its connection, the other side is ended too.
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
    loseResponse: () =>
      new Promise((happened) => {
        responseLost = happened;
      }),
    breakDown: () =>
      new Promise((tried) => {
        refused = tried;
        for (const socket of sockets) {
          socket.resetAndDestroy();
        }
      }),
    restore() {
      refused = undefined;
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
