import type { Server } from 'node:http';

/**
 * Watches a server so that it can be stopped without breaking off responses.
 * @returns a function that stops listening and waits until the last response is sent. After `graceMs` it closes the
 *   connections that are still open. It resolves to their number.
 */
export function createDrain(server: Server): (graceMs: number) => Promise<number> {
  let underWay = 0;
  let closing = false;
  server.on('request', (_req, res) => {
    underWay += 1;
    res.once('close', () => {
      underWay -= 1;
      // Node closes idle connections once, when it stops listening; one that becomes idle later would hold on.
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });

  return async function drain(graceMs) {
    closing = true;
    let cutOff = 0;
    const timer = setTimeout(() => {
      cutOff = underWay;
      server.closeAllConnections();
    }, graceMs);
    await new Promise<void>((closed) => server.close(() => closed()));
    clearTimeout(timer);
    return cutOff;
  };
}
