import { type IncomingMessage, ServerResponse } from 'node:http';
import { isInvalidating } from '@safelight/http';

type SendingMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders';

/** Whether a request of this method may change what it is about. */
export function mayChange(method: string | undefined): boolean {
  return isInvalidating(method ?? '', 200);
}

/**
 * Invalidates what an unsafe method has changed before its response is sent (RFC 9111 section 4.4): a client that has
 * received that response must not get an older cached one. Meanwhile the response waits, and looks to the handler like
 * a slow connection. It is sent in the end whether the change could be confirmed or not, because the handler is done.
 * @param free - settles when no process serves an older response, or when that could not be confirmed
 */
export function freeChanged({ method = '' }: IncomingMessage, res: ServerResponse, free: () => Promise<void>): void {
  const { writeHead, write, end, flushHeaders } = res;
  const originals: Record<SendingMethod, unknown> = { writeHead, write, end, flushHeaders };
  const held: (() => unknown)[] = [];
  let state: 'watching' | 'holding' | 'open' = 'watching';
  let needsDrain = false;

  const call = (name: SendingMethod, args: readonly unknown[]): unknown =>
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
      // Without the wait, the call would have thrown in the handler, which has returned since.
      res.destroy(error as Error);
    }
    // Emitted here because the connection may have had room all the time, and then emits no `drain`.
    if (needsDrain && !res.writableNeedDrain && !res.destroyed) process.nextTick(() => res.emit('drain'));
  }

  function hold(name: SendingMethod, args: readonly unknown[]): void {
    held.push(() => call(name, args));
    // The handler has already responded, so `headersSent` must be true for it.
    if (!res.headersSent) Object.defineProperty(res, 'headersSent', { configurable: true, get: () => true });
  }

  /** Node sends the head only with what follows it, and refuses further headers as soon as it has the head. */
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
