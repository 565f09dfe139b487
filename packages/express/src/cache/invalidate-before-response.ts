import { type IncomingMessage, ServerResponse } from 'node:http';
import { isInvalidating } from '@safelight/http';

type SendingMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders';

/** Whether a request with this method may invalidate cached responses. */
export function mayInvalidate(method: string | undefined): boolean {
  return isInvalidating(method ?? '', 200);
}

/**
 * Invalidates cached responses before the response to an unsafe method is sent (RFC 9111 section 4.4): after that
 * response, the client must not get an older cached one. Meanwhile the response waits, and the handler sees a slow
 * connection. The response is sent even if the change could not be confirmed, because the handler has made it.
 * @param invalidate - settles when no process serves an older response, or when that could not be confirmed
 */
export function invalidateBeforeResponse(
  { method = '' }: IncomingMessage,
  res: ServerResponse,
  invalidate: () => Promise<void>,
): void {
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
    invalidate().then(open, open);
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
    // If the connection had room all the time, it does not emit `drain` by itself.
    if (needsDrain && !res.writableNeedDrain && !res.destroyed) process.nextTick(() => res.emit('drain'));
  }

  function hold(name: SendingMethod, args: readonly unknown[]): void {
    held.push(() => call(name, args));
    // The handler has already responded, so `headersSent` must be true for it.
    if (!res.headersSent) Object.defineProperty(res, 'headersSent', { configurable: true, get: () => true });
  }

  /**
   * HTTP/1 sends the head only together with the next write, so the head need not wait, and Node refuses further
   * headers as it would without the wait. HTTP/2 sends the head at once.
   */
  function writeOrHoldHead(args: readonly unknown[]): void {
    if (res instanceof ServerResponse) call('writeHead', args);
    else hold('writeHead', args);
  }

  res.writeHead = function heldWriteHead(...args: unknown[]) {
    if (!isHeld(args[0] as number)) return call('writeHead', args);
    writeOrHoldHead(args);
    return res;
  } as ServerResponse['writeHead'];
  res.write = function heldWrite(...args: unknown[]) {
    if (!isHeld(res.statusCode)) return call('write', args);
    if (!res.headersSent) writeOrHoldHead([res.statusCode]);
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
    if (!res.headersSent) writeOrHoldHead([res.statusCode]);
    hold('flushHeaders', []);
  } as ServerResponse['flushHeaders'];
}
