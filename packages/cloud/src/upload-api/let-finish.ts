import type { IncomingMessage } from 'node:http';

export interface LetFinishLimits {
  /** The longest time without a byte, in milliseconds. @default 5_000 */
  readonly idleMs?: number;
  /** The longest time for the whole rest of the request, in milliseconds. @default 10_000 */
  readonly totalMs?: number;
  /** The largest part of the rest that is read. @default 16 MiB */
  readonly maxBytes?: number;
}

/**
 * Reads and discards the rest of an incomplete request. If the connection were closed at once, it would be reset, and most
 * clients would lose the response: some read it only after they have sent the whole request. After `maxBytes` it stops
 * reading, but the connection stays open for `idleMs`: a client that cannot send then reads the response. nginx sends as
 * much as it can before it reads, and turns a reset connection into a 502.
 *
 * @returns resolves at the end of the request. A request that is too long, too slow or too late is destroyed in the end.
 */
export function letFinish(req: IncomingMessage, limits: LetFinishLimits = {}): Promise<void> {
  const { idleMs = 5_000, totalMs = 10_000, maxBytes = 16 * 1024 ** 2 } = limits;
  return new Promise((resolve) => {
    const end = (): void => {
      req.destroy();
    };
    let bytes = 0;
    const idle = setTimeout(end, idleMs).unref();
    const total = setTimeout(end, totalMs).unref();
    const over = (): void => {
      clearTimeout(idle);
      clearTimeout(total);
      resolve();
    };
    req.on('error', () => undefined);
    req.on('data', (piece: Buffer) => {
      idle.refresh();
      bytes += piece.length;
      if (bytes > maxBytes) req.pause();
    });
    req.once('end', over).once('close', over);
    req.resume();
  });
}
