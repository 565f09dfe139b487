import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A TCP proxy in front of a Unix socket, which harms its connections on command until `mend` is called. */
export interface LosingProxy {
  readonly port: number;
  /** Closes all connections, and each new one. */
  cut(): void;
  /** Forwards nothing. Connections stay open, and `mend` forwards what has arrived meanwhile. */
  silence(): void;
  /** Forwards everything late. */
  slow(delayMs: number): void;
  /** Forwards commands, then closes the connection instead of forwarding the reply. */
  loseReplies(): void;
  /** Forwards no commands until `mend`, then all of them, even if the client has closed the connection. */
  holdCommands(): void;
  mend(): void;
  close(): Promise<void>;
}

type Direction = 'commands' | 'replies';

export async function losingProxy(socketPath: string): Promise<LosingProxy> {
  let isCut = false;
  let losesReplies = false;
  let delayMs = 0;
  let open = (): void => undefined;
  let gate: { readonly held: readonly Direction[]; readonly opened: Promise<void> } | undefined;
  const clients = new Set<Socket>();

  function hold(...held: Direction[]): void {
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    gate = { held, opened };
  }

  async function mayPass(direction: Direction): Promise<void> {
    // The faults may have changed during the wait.
    while (gate?.held.includes(direction)) await gate.opened;
    if (delayMs > 0) await wait(delayMs);
  }

  /** Forwards one direction in order. @returns resolves when everything that has arrived is forwarded */
  function forward(direction: Direction, from: Socket, to: Socket): () => Promise<void> {
    let turn = Promise.resolve();
    from.on('data', (bytes) => {
      turn = turn.then(async () => {
        await mayPass(direction);
        if (direction === 'replies' && losesReplies) to.destroy();
        else if (to.writable) to.write(bytes);
      });
    });
    return () => turn;
  }

  const proxy = createServer((client) => {
    if (isCut) return void client.destroy();
    clients.add(client);
    const server = connect(socketPath);
    for (const socket of [client, server]) socket.on('error', () => undefined).setNoDelay(true);
    const commands = forward('commands', client, server);
    const replies = forward('replies', server, client);
    client.once('close', () => {
      clients.delete(client);
      void commands().then(() => server.end());
    });
    server.once('close', () => {
      void replies()
        .then(() => mayPass('replies'))
        .then(() => client.destroy());
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  function mend(): void {
    isCut = false;
    losesReplies = false;
    delayMs = 0;
    gate = undefined;
    open();
  }

  return {
    port: (proxy.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const client of clients) client.destroy();
    },
    silence: () => hold('commands', 'replies'),
    slow(ms) {
      delayMs = ms;
    },
    loseReplies() {
      losesReplies = true;
    },
    holdCommands: () => hold('commands'),
    mend,
    async close() {
      mend();
      for (const client of clients) client.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
