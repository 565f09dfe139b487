import { type IncomingMessage, ServerResponse } from 'node:http';
import { isInvalidating } from '@safelight/http';

type Answering = 'writeHead' | 'write' | 'end' | 'flushHeaders';

/** Whether a request of this method may change what it is about. */
export function mayChange(method: string | undefined): boolean {
  return isInvalidating(method ?? '', 200);
}

/**
 * What an unsafe method has changed is freed before its answer is out (RFC 9111 section 4.4): who has heard of the change
 * must not be given what was kept before it. The answer waits for that with the semantics of a connection that is slow;
 * it is the handler's and done, so that it passes in the end whether the change could be confirmed or not.
 * @param free - settles when nobody is given anything older any more, or that could not be confirmed
 */
export function freeChanged({ method = '' }: IncomingMessage, res: ServerResponse, free: () => Promise<void>): void {
  const { writeHead, write, end, flushHeaders } = res;
  const originals: Record<Answering, unknown> = { writeHead, write, end, flushHeaders };
  const held: (() => unknown)[] = [];
  let state: 'watching' | 'holding' | 'open' = 'watching';
  let needsDrain = false;

  const call = (name: Answering, args: readonly unknown[]): unknown =>
    Reflect.apply(originals[name] as (...given: unknown[]) => unknown, res, args);

  function isHeld(status: number): boolean {
    if (state !== 'watching') return state === 'holding';
    if (!isInvalidating(method, status)) {
      state = 'open';
      return false;
    }
    state = 'holding';
    free().then(open, open);
    return true;
  }

  function open(): void {
    state = 'open';
    Reflect.deleteProperty(res, 'headersSent');
    try {
      for (const send of held) send();
    } catch (error) {
      // The handler would have been told; it has gone on since.
      res.destroy(error as Error);
    }
    // The connection itself may have had room all the time.
    if (needsDrain && !res.writableNeedDrain && !res.destroyed) process.nextTick(() => res.emit('drain'));
  }

  function hold(name: Answering, args: readonly unknown[]): void {
    held.push(() => call(name, args));
    // Who asks whether it may still answer is told the truth.
    if (!res.headersSent) Object.defineProperty(res, 'headersSent', { configurable: true, get: () => true });
  }

  /** Node keeps the head back until something follows it, and refuses further headers from then on. */
  function putHead(args: readonly unknown[]): void {
    if (res instanceof ServerResponse) call('writeHead', args);
    else hold('writeHead', args);
  }

  res.writeHead = function heldWriteHead(...args: unknown[]) {
    if (!isHeld(args[0] as number)) return call('writeHead', args);
    putHead(args);
    return res;
  } as ServerResponse['writeHead'];
  res.write = function heldWrite(...args: unknown[]) {
    if (!isHeld(res.statusCode)) return call('write', args);
    if (!res.headersSent) putHead([res.statusCode]);
    hold('write', args);
    needsDrain = true;
    return false;
  } as ServerResponse['write'];
  res.end = function heldEnd(...args: unknown[]) {
    if (!isHeld(res.statusCode)) return call('end', args);
    hold('end', args);
    return res;
  } as ServerResponse['end'];
  res.flushHeaders = function heldFlushHeaders() {
    if (!isHeld(res.statusCode)) {
      call('flushHeaders', []);
      return;
    }
    if (!res.headersSent) putHead([res.statusCode]);
    hold('flushHeaders', []);
  } as ServerResponse['flushHeaders'];
}
