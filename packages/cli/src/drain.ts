import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** How long a server goes on before it ends, in milliseconds. */
export interface DrainTimes {
  /** Requests on all connections are accepted for this time, while load balancers notice that the server is not ready. */
  readonly waitMs: number;
  /** Then running requests may take this time. After it, their connections are closed. */
  readonly graceMs: number;
}

export interface Drain {
  isDraining(): boolean;
  /**
   * Stops the server after its last response. From the beginning on, responses have `Connection: close`, so that a client
   * which has a connection open uses another one for its next request.
   * @returns the number of requests that were ended after `graceMs`
   */
  run(times: DrainTimes): Promise<number>;
}

/**
 * A connection may be opened before it is needed, as browsers do. Such a connection has this time to send its first byte
 * after the server has stopped listening, in milliseconds.
 */
const firstByteMs = 500;

/** Rounds of the event loop before the server stops listening, at most. Each may accept one connection. */
const maxRounds = 1000;

/** Watches the requests of a server from now on, so that it can stop after its last response. */
export function createDrain(server: Server): Drain {
  const running = new Set<ServerResponse>();
  const withoutRequest = new Set<Socket>();
  let isDraining = false;
  let hasStopped = false;
  let arrivals = 0;

  server.on('connection', (socket) => {
    arrivals += 1;
    withoutRequest.add(socket);
    socket.once('close', () => withoutRequest.delete(socket));
  });
  // Before the application, which may write the head at once.
  server.prependListener('request', (req, res) => {
    arrivals += 1;
    withoutRequest.delete(req.socket);
    running.add(res);
    if (isDraining) res.shouldKeepAlive = false;
    res.once('close', () => {
      running.delete(res);
      // `server.close()` closes connections that are idle at that moment. Those that become idle later are closed here.
      if (hasStopped) globalThis.setImmediate(() => server.closeIdleConnections());
    });
  });

  /** Reads what has arrived in the kernel, since `server.close()` would reset these connections. */
  async function readArrived(): Promise<void> {
    for (let round = 0, before = -1; arrivals !== before && round < maxRounds; round += 1) {
      before = arrivals;
      // Sockets are read between the two.
      await setImmediate();
      await setImmediate();
    }
  }

  async function stop(graceMs: number): Promise<number> {
    hasStopped = true;
    let ended = 0;
    const endUnused = globalThis.setTimeout(() => {
      for (const socket of withoutRequest) if (socket.bytesRead === 0) socket.destroy();
    }, firstByteMs);
    const endAll = globalThis.setTimeout(() => {
      ended = running.size;
      server.closeAllConnections();
    }, graceMs);
    await new Promise<void>((closed) => server.close(() => closed()));
    clearTimeout(endUnused);
    clearTimeout(endAll);
    return ended;
  }

  return {
    isDraining: () => isDraining,
    async run({ waitMs, graceMs }) {
      isDraining = true;
      for (const res of running) res.shouldKeepAlive = false;
      if (waitMs > 0) await setTimeout(waitMs);
      await readArrived();
      return stop(graceMs);
    },
  };
}
