import type { IncomingMessage } from 'node:http';

export interface LetFinishLimits {
  /** How long nothing may come. @default 5_000 */
  readonly idleMs?: number;
  /** How long it may take in all. @default 60_000 */
  readonly totalMs?: number;
}

/**
 * Takes in what a client is still sending after it has been answered. Closing at once would reset the connection, and
 * most clients would lose the answer that says why; some read it only when they have sent everything.
 */
export function letFinish(req: IncomingMessage, { idleMs = 5_000, totalMs = 60_000 }: LetFinishLimits = {}): void {
  if (req.complete || req.destroyed) return;
  const end = (): void => {
    req.destroy();
  };
  const idle = setTimeout(end, idleMs).unref();
  const total = setTimeout(end, totalMs).unref();
  req.on('error', () => undefined);
  req.on('data', () => idle.refresh());
  req.on('close', () => {
    clearTimeout(idle);
    clearTimeout(total);
  });
  req.resume();
}
