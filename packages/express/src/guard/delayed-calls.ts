import type { ServerResponse } from 'node:http';

export type SendingMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders';

/**
 * Calls of a handler on its response that are made later. To the handler the response looks like a slow connection: its
 * head is sent, and `write` asks it to wait for `drain`.
 */
export class DelayedCalls {
  readonly #res: ServerResponse;
  readonly #calls: (readonly [SendingMethod, readonly unknown[]])[] = [];
  #needsDrain = false;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  /** @returns the result that the handler gets */
  add(method: SendingMethod, args: readonly unknown[]): unknown {
    const res = this.#res;
    this.#calls.push([method, args]);
    if (!res.headersSent) Object.defineProperty(res, 'headersSent', { configurable: true, get: () => true });
    if (method !== 'write') return res;
    this.#needsDrain = true;
    return false;
  }

  /** Makes the calls in their order. */
  replay(call: (method: SendingMethod, args: readonly unknown[]) => unknown): void {
    const res = this.#res;
    if (this.#calls.length === 0) return;
    Reflect.deleteProperty(res, 'headersSent');
    try {
      for (const [method, args] of this.#calls) call(method, args);
    } catch (error) {
      // Without the delay, the call would have thrown in the handler, which has returned since.
      res.destroy(error as Error);
    }
    // A connection that had room all the time does not emit `drain` by itself.
    if (this.#needsDrain && !res.writableNeedDrain && !res.destroyed) process.nextTick(() => res.emit('drain'));
  }
}
