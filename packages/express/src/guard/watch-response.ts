import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import {
  clientLeft,
  destroyedByUs,
  isComplete,
  isOver,
  type WholeResponse,
  type WriteOptions,
  writeResponse,
} from '@safelight/http';
import { layerAt, type OwnFunctions, type ResponseWatch } from './response-layers.ts';

export interface ResponseEvents {
  /** The status line is about to be sent. `true` withholds the whole response: nothing of it reaches the client. */
  onStatus(status: number, head: AnswerHead): boolean;
  /** A part of a withheld body, as the handler wrote it. */
  onWithheld(chunk: unknown, encoding: unknown): void;
  /** The end of a withheld body, or of its connection. */
  onWithheldEnd(): void;
  /** The client left before the status line. */
  onLeft(): void;
  /** The response broke off after its status line, and not because the client left. */
  onBroken(): void;
  /** The handler destroyed the response before its status line, while the client was still there. */
  onDestroyed(error: unknown): void;
}

/** What a status line comes with. Read only where it is needed: HTTP/2 has no message and warns of whoever asks. */
export interface AnswerHead {
  /** A header, by its name in small letters. */
  header(name: string): unknown;
  /** The words of the status line; empty when they are left to Node. */
  message(): string;
}

export interface WatchedResponse {
  /** Lets everything through from now on, unseen. */
  release(): void;
  /** Keeps everything that the handler may still write from the client; only `send` reaches it. */
  withhold(): void;
  /** `watching` until the status line, then `passing` to the client or `withheld` from it. */
  readonly state: 'watching' | 'passing' | 'withheld';
  /** Sends a response instead of the handler's, without the headers that the handler has set. */
  send(response: WholeResponse, options?: Omit<WriteOptions, 'via'>): void;
}

type Done = () => void;

/**
 * Watches a response until its status line. Everything passes through untouched, with the same arguments and return
 * values, until `onStatus` says otherwise. Node itself calls `writeHead` when a handler begins with `write`, `end` or
 * `flushHeaders`, but then goes on to write; so each of them asks first.
 */
export function watchResponse(req: IncomingMessage, res: ServerResponse, events: ResponseEvents): WatchedResponse {
  let depth = 0;
  while (layerAt(depth).key in res) depth += 1;
  const watch = new Watch(req, res, events);
  layerAt(depth).install(res, watch);
  return watch;
}

/** One response that is being watched. */
class Watch implements WatchedResponse, ResponseWatch {
  state: WatchedResponse['state'] = 'watching';
  readonly original: OwnFunctions;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #events: ResponseEvents;
  readonly #headersBefore: OutgoingHttpHeaders;
  #destroyedHere = false;

  constructor(req: IncomingMessage, res: ServerResponse, events: ResponseEvents) {
    const { writeHead, write, end, flushHeaders, destroy } = res;
    this.original = { writeHead, write, end, flushHeaders, destroy };
    this.#req = req;
    this.#res = res;
    this.#events = events;
    this.#headersBefore = headersOf(res);
  }

  /** Asks about the status line, once. @param head - what `writeHead` is given, in any of its forms */
  passes(status: number, head: readonly unknown[] = []): boolean {
    if (this.state !== 'watching') return this.isPassing();
    const res = this.#res;
    const withholds = this.#events.onStatus(status, {
      header: (name) => headerOf(head.at(-1), name) ?? res.getHeader(name),
      message: () => (typeof head[1] === 'string' ? head[1] : (res.statusMessage ?? '')),
    });
    // A status line that went past us, by a prototype's function, cannot be taken back; its body must follow it.
    if (withholds && !res.headersSent) this.withhold();
    else this.state = 'passing';
    return this.isPassing();
  }

  isPassing(): boolean {
    return this.state === 'passing';
  }

  /** The same for a body that comes before a status line. */
  passesAsSet(): boolean {
    return this.passes(this.#res.statusCode);
  }

  destroyed(error: unknown): void {
    // A handler may destroy it because the client left, which says nothing of the picture.
    if (isOver(this.#res) || clientLeft(this.#req)) return;
    this.#destroyedHere = true;
    if (this.state !== 'watching') return;
    this.withhold();
    this.#events.onDestroyed(error);
  }

  closed(): void {
    if (this.state === 'withheld') this.#events.onWithheldEnd();
    if (isComplete(this.#res)) {
      // All of it went past us; it was an answer all the same.
      if (this.state === 'watching') this.passesAsSet();
      return;
    }
    if (this.state === 'watching') this.#events.onLeft();
    // Only what the handler did itself counts against the picture: connections end for many reasons.
    else if (this.state === 'passing' && this.#res.headersSent && (this.#destroyedHere || destroyedByUs(this.#req))) {
      this.#events.onBroken();
    }
  }

  /** Takes what was written to a withheld response. A callback that never comes would hang the handler. */
  swallow(args: readonly unknown[], isLast: boolean): void {
    this.#events.onWithheld(args[0], args[1]);
    if (isLast) this.#events.onWithheldEnd();
    const done = args.find((arg): arg is Done => typeof arg === 'function');
    if (done !== undefined) process.nextTick(done);
  }

  release(): void {
    this.state = 'passing';
  }

  withhold(): void {
    if (this.state !== 'withheld') this.#res.on('unpipe', readToItsEnd);
    this.state = 'withheld';
  }

  send(response: WholeResponse, options: Omit<WriteOptions, 'via'> = {}): void {
    const res = this.#res;
    const before = this.#headersBefore;
    if (res.headersSent || isOver(res)) return;
    for (const name of res.getHeaderNames()) if (!(name in before)) res.removeHeader(name);
    for (const [name, value] of Object.entries(before)) {
      // What has not changed keeps the spelling of its name.
      if (value !== undefined && res.getHeader(name) !== value) res.setHeader(name, value);
    }
    if (this.#req.httpVersionMajor < 2) res.statusMessage = '';
    // The `end` of HTTP/2 writes by whatever `write` the response has, as those may that stand in front of us.
    this.state = 'passing';
    writeResponse(this.#req, res, response, { ...options, via: this.original });
    // Middleware may end it later, as a session does that is being saved; of HTTP/2 that end must get past us too.
    if (this.#req.httpVersionMajor < 2 || res.writableEnded) this.withhold();
    else res.once('finish', () => this.withhold());
    // Unless a guard around this one is about to answer in its place.
    if (res.headersSent) ignoreLateHeaders(res);
  }
}

/** Whatever was piped into an answer that has ended would else wait for ever, with its file open. */
function readToItsEnd(source: Readable): void {
  source.resume();
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

/** Reads a header from any of the forms that `writeHead` takes: an object, pairs, or a flat list. */
function headerOf(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const flat: readonly unknown[] = Array.isArray(headers) ? headers.flat() : Object.entries(headers).flat();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (String(flat[i]).toLowerCase() === name) return flat[i + 1];
  }
  return undefined;
}
