import type { Server } from 'node:http';

/**
 * Counts the running requests of a server, so that the server can stop after its last response.
 * @returns a function that stops listening and waits until all responses are sent. After `graceMs` it closes the
 *   connections that are still open. It resolves to the number of requests that this ended.
 */
export function createDrain(server: Server): (graceMs: number) => Promise<number> {
  let runningRequests = 0;
  let closing = false;
  server.on('request', (_req, res) => {
    runningRequests += 1;
    res.once('close', () => {
      runningRequests -= 1;
      // `server.close()` closes connections that are idle at that moment. Those that become idle later are closed here.
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });

  return async function drain(graceMs) {
    closing = true;
    let ended = 0;
    const timer = setTimeout(() => {
      ended = runningRequests;
      server.closeAllConnections();
    }, graceMs);
    await new Promise<void>((closed) => server.close(() => closed()));
    clearTimeout(timer);
    return ended;
  };
}
