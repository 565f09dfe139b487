import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/**
 * A way to a server that is slow, stands still, loses connections or is gone, as a test wishes. The sockets in front of it
 * take some megabytes at once: small bodies have left a browser before anything of this is felt.
 */
export interface SlowLink {
  /** Where the server is, seen through the link. */
  readonly origin: string;
  /** What one connection carries towards the server, in bytes per second. Default: no bound. */
  bytesPerSecond: number;
  /** Takes no further byte from clients until `resume()`; connections stay. */
  stall(): void;
  resume(): void;
  /** Ends the connection on which so many more bytes have come from clients; once. Resolves when that has happened. */
  cutAfter(bytes: number): Promise<void>;
  /** Ends the connection on which the server answers next, instead of carrying the answer; once. Resolves then. */
  loseResponse(): Promise<void>;
  /** Ends all connections and takes no new ones until `restore()`. Resolves when somebody has tried in vain. */
  breakDown(): Promise<void>;
  restore(): void;
  close(): Promise<void>;
}

/**
 * A TCP proxy in front of a server of this machine.
 * @param tap is given everything that is carried, in both directions
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
