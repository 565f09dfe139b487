import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import {
  clientLeft,
  destroyedByUs,
  isComplete,
  isOver,
  restoreHeaders,
  type WholeResponse,
  type WriteOptions,
} from '@safelight/http';
import { DelayedCalls, type SendingMethod } from './delayed-calls.ts';
import type { ErrorCapture } from './error-capture.ts';
import { entriesOf, type OwnFields, ownFields } from './own-fields.ts';
import { readToItsEnd, replaceResponse } from './replace-response.ts';
import type { AddedFields, ResponseEvents, WatchedResponse } from './response-events.ts';

export type OwnFunctions = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders' | 'destroy'>;
type Done = () => void;

/** The watch of one guard on one response. */
export class Watch implements WatchedResponse {
  state: WatchedResponse['state'] = 'watching';
  /** The functions that the response had before this watch. */
  readonly original: OwnFunctions;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly events: ResponseEvents;
  readonly #headersBefore: OutgoingHttpHeaders;
  capture: ErrorCapture | undefined;
  /** Whether `end` is running. On HTTP/2 it calls `write`. */
  isEnding = false;
  #delayed: DelayedCalls | undefined;
  #fields: AddedFields | undefined;
  #isDestroyedByHandler = false;

  constructor(req: IncomingMessage, res: ServerResponse, events: ResponseEvents) {
    const { writeHead, write, end, flushHeaders, destroy } = res;
    this.original = { writeHead, write, end, flushHeaders, destroy };
    this.#req = req;
    this.#res = res;
    this.events = events;
    this.#headersBefore = res.getHeaders();
    for (const name in this.#headersBefore) {
      // An array is copied, because `appendHeader` changes the arrays that `getHeaders` returns.
      const value = this.#headersBefore[name];
      if (Array.isArray(value)) this.#headersBefore[name] = [...value];
    }
  }

  /** Whether a status line may be sent; calls `onStatus` once. @param head - the arguments of `writeHead` */
  passes(status: number, head: readonly unknown[] = []): boolean {
    if (this.state !== 'watching') return this.state === 'forwarding';
    const res = this.#res;
    const decision = this.events.onStatus(status, {
      own: () => ownFields(res.getHeaders(), head.at(-1), this.#headersBefore),
      header: (name) => headerOf(head.at(-1), name) ?? res.getHeader(name),
      message: () => (typeof head[1] === 'string' ? head[1] : (res.statusMessage ?? '')),
    });
    // A call of the prototype's `writeHead` does not enter the watch. After such a call the status line is sent and can
    // no longer be withheld, so the body must pass too.
    if (decision === 'forward' || res.headersSent) this.state = 'forwarding';
    else if (decision === 'withhold') this.withhold();
    else this.delay();
    return this.state === 'forwarding';
  }

  destroyed(error: unknown): void {
    // A handler may destroy the response because the client disconnected, which is not a failure of the picture.
    if (isOver(this.#res) || clientLeft(this.#req)) return;
    this.#isDestroyedByHandler = true;
    if (this.state !== 'watching') return;
    this.withhold();
    this.events.onDestroyed(error);
  }

  closed(): void {
    if (this.state === 'withheld' || this.state === 'delayed') this.events.onWithheldEnd();
    if (!isComplete(this.#res)) this.capture?.abandon();
    if (isComplete(this.#res)) {
      // The calls that sent the whole response did not enter the watch. The status is reported now.
      if (this.state === 'watching') this.passes(this.#res.statusCode);
      return;
    }
    if (this.state === 'watching') this.events.onLeft();
    // Connections end for many reasons. Only an end that this process caused is a failure of the picture.
    else if (
      this.state === 'forwarding' &&
      this.#res.headersSent &&
      (this.#isDestroyedByHandler || destroyedByUs(this.#req))
    ) {
      this.events.onBroken();
    }
  }

  /** A call that does not pass is delayed, or dropped. @returns the result that the handler gets */
  stop(method: SendingMethod, args: readonly unknown[]): unknown {
    if (method === 'write' || method === 'end') {
      this.events.onWithheld(args[0], args[1]);
      if (method === 'end') this.events.onWithheldEnd();
    }
    if (this.#delayed !== undefined && this.state === 'delayed') return this.#delayed.add(method, args);
    this.#drop(args);
    return method === 'write' ? true : this.#res;
  }

  /** Calls the callback of a dropped call, because the handler may wait for it. */
  #drop(args: readonly unknown[]): void {
    const done = args.find((arg): arg is Done => typeof arg === 'function');
    if (done !== undefined) process.nextTick(done);
  }

  delay(): void {
    this.state = 'delayed';
    this.#delayed = new DelayedCalls(this.#res);
  }

  forward(fields?: AddedFields): void {
    this.state = 'forwarding';
    this.#fields = fields;
    this.#delayed?.replay((method, args) => {
      return method === 'writeHead' ? this.sendHead(args) : Reflect.apply(this.original[method], this.#res, args);
    });
    this.#delayed = undefined;
  }

  /** Calls the response's own `writeHead`, with the added fields. */
  sendHead(args: readonly unknown[]): unknown {
    const [fields, res] = [this.#fields, this.#res];
    if (fields === undefined) return Reflect.apply(this.original.writeHead, res, args);
    this.#fields = undefined;
    const [status, reason] = args;
    const before = res.getHeaders();
    try {
      for (const [name, value] of Object.entries(ownFields({}, args.at(-1), {}))) res.setHeader(name, value);
      const added = fields(status as number, (name) => res.getHeader(name));
      for (const [name, value] of Object.entries(added)) res.setHeader(name, value);
      return Reflect.apply(this.original.writeHead, res, typeof reason === 'string' ? [status, reason] : [status]);
    } catch (error) {
      // A middleware has thrown. The response that the application sends instead must not have these fields.
      if (!res.headersSent) restoreHeaders(res, before);
      throw error;
    }
  }

  own(): OwnFields {
    return ownFields(this.#res.getHeaders(), undefined, this.#headersBefore);
  }

  headerBefore(name: string): unknown {
    return this.#headersBefore[name];
  }

  release(): void {
    this.state = 'forwarding';
  }

  withhold(): void {
    if (this.state !== 'withheld') this.#res.on('unpipe', readToItsEnd);
    this.state = 'withheld';
  }

  send(response: WholeResponse, options: Omit<WriteOptions, 'via'> = {}): void {
    const [req, res] = [this.#req, this.#res];
    if (res.headersSent || isOver(res)) return;
    // `end` of HTTP/2 calls `write` of the response, and `end` of a middleware may do the same. These calls must pass.
    this.state = 'forwarding';
    replaceResponse(req, res, response, { ...options, before: this.#headersBefore, via: this.original });
    // A middleware may delay `end`, as a session middleware does until the session is saved. On HTTP/2 the late call of
    // `end` must pass too.
    if (req.httpVersionMajor < 2 || res.writableEnded) this.withhold();
    else res.once('finish', () => this.withhold());
  }
}

function headerOf(headers: unknown, name: string): unknown {
  return entriesOf(headers).find(([own]) => own.toLowerCase() === name)?.[1];
}
