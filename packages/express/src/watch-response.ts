import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { besides } from './write-answer.ts';

export interface ResponseEvents {
  /** The status line is about to be sent. `true` withholds the whole response: nothing of it reaches the client. */
  onStatus(status: number, retryAfter: unknown): boolean;
  /** The client left before the status line. */
  onLeft(): void;
  /** The response broke off after its status line, and not because the client left. */
  onBroken(): void;
  /** The handler destroyed the response before its status line, while the client was still there. */
  onDestroyed(error: unknown): void;
}

export interface WatchedResponse {
  /** Lets everything through from now on, unseen. */
  release(): void;
  /** Keeps everything that the handler may still write from the client; only `send` reaches it. */
  withhold(): void;
  /** `watching` until the status line, then `passing` to the client or `withheld` from it. */
  readonly state: 'watching' | 'passing' | 'withheld';
  /** Sends an answer instead of the handler's, without the headers that the handler has set. */
  send(status: number, headers: OutgoingHttpHeaders, body: Buffer | string | undefined): void;
}

type Done = () => void;

/**
 * Watches a response until its status line. Everything passes through untouched, with the same arguments and return
 * values, until `onStatus` says otherwise. Node itself calls `writeHead` when a handler begins with `write`, `end` or
 * `flushHeaders`, but then goes on to write; so each of them asks first.
 */
export function watchResponse(req: IncomingMessage, res: ServerResponse, events: ResponseEvents): WatchedResponse {
  let state: WatchedResponse['state'] = 'watching';
  let destroyedHere = false;
  const headersBefore = headersOf(res);
  const { writeHead, write, end, flushHeaders, destroy } = res;

  function passes(status: number, retryAfter: unknown): boolean {
    if (state === 'watching') state = events.onStatus(status, retryAfter) ? 'withheld' : 'passing';
    return state === 'passing';
  }
  const passesAsSet = () => state === 'passing' || passes(res.statusCode, res.getHeader('retry-after'));

  res.writeHead = function watchedWriteHead(this: ServerResponse, ...args: unknown[]) {
    const status = args[0] as number;
    const passed =
      state === 'passing' || passes(status, headerOf(args.at(-1), 'retry-after') ?? res.getHeader('retry-after'));
    if (passed) return Reflect.apply(writeHead, this, args);
    return this;
  } as ServerResponse['writeHead'];

  res.write = function watchedWrite(this: ServerResponse, ...args: unknown[]) {
    if (passesAsSet()) return Reflect.apply(write, this, args);
    finishLater(args);
    return true;
  } as ServerResponse['write'];

  res.end = function watchedEnd(this: ServerResponse, ...args: unknown[]) {
    if (passesAsSet()) return Reflect.apply(end, this, args);
    finishLater(args);
    return this;
  } as ServerResponse['end'];

  res.flushHeaders = function watchedFlushHeaders(this: ServerResponse) {
    if (passesAsSet()) Reflect.apply(flushHeaders, this, []);
  };

  res.destroy = function watchedDestroy(this: ServerResponse, ...args: unknown[]) {
    // A handler may destroy it because the client left, which says nothing of the picture.
    if (!res.destroyed && !req.socket.destroyed && !clientLeft(req)) {
      destroyedHere = true;
      if (state === 'watching') {
        state = 'withheld';
        events.onDestroyed(args[0]);
      }
    }
    return Reflect.apply(destroy, this, args);
  } as ServerResponse['destroy'];

  // Whatever was piped into an answer that has ended would else wait for ever, with its file open.
  res.on('unpipe', (source: Readable) => {
    if (state === 'withheld') source.resume();
  });

  res.once('close', () => {
    if (res.writableFinished) return;
    if (state === 'watching') events.onLeft();
    else if (state === 'passing' && res.headersSent && (destroyedHere || !clientLeft(req))) events.onBroken();
  });

  return {
    release() {
      state = 'passing';
    },
    withhold() {
      state = 'withheld';
    },
    get state() {
      return state;
    },
    send(status, headers, body) {
      state = 'withheld';
      if (res.headersSent || res.destroyed) return;
      for (const name of res.getHeaderNames()) if (!(name in headersBefore)) res.removeHeader(name);
      for (const [name, value] of Object.entries(headersBefore)) {
        // What has not changed keeps the spelling of its name.
        if (value !== undefined && res.getHeader(name) !== value) res.setHeader(name, value);
      }
      res.statusMessage = '';
      Reflect.apply(writeHead, res, [status, besides(headersBefore, headers)]);
      Reflect.apply(end, res, req.method === 'HEAD' || body === undefined ? [] : [body]);
      ignoreLateHeaders(res);
    },
  };
}

/** The headers that are set by now; `appendHeader` writes into lists that `getHeaders` gives away. */
function headersOf(res: ServerResponse): OutgoingHttpHeaders {
  const headers = res.getHeaders();
  for (const name in headers) if (Array.isArray(headers[name])) headers[name] = [...headers[name]];
  return headers;
}

/** A handler that answers after its timeout would else throw where nobody catches it, and end the process. */
function ignoreLateHeaders(res: ServerResponse): void {
  const ignored = () => res;
  res.setHeader = ignored;
  res.appendHeader = ignored;
  res.setHeaders = ignored;
  res.removeHeader = ignored;
}

/** Calls a write's callback as if it had been written: a callback that never comes hangs the handler. */
function finishLater(args: readonly unknown[]): void {
  const done = args.find((arg): arg is Done => typeof arg === 'function');
  if (done !== undefined) process.nextTick(done);
}

/** Reads a header from any of the forms that `writeHead` takes: an object, pairs, or a flat list. */
function headerOf(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const flat: readonly unknown[] = Array.isArray(headers) ? headers.flat() : Object.entries(headers).flat();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (String(flat[i]).toLowerCase() === name) return flat[i + 1];
  }
  return undefined;
}

/** A client that leaves ends or resets the connection; a connection destroyed by us shows neither. */
function clientLeft({ socket }: IncomingMessage): boolean {
  const code = (socket.errored as NodeJS.ErrnoException | null)?.code;
  return socket.readableEnded || code === 'ECONNRESET' || code === 'EPIPE';
}
