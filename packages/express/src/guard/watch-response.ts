import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { clientLeft, destroyedByUs, isComplete, isOver, type WholeResponse, type WriteOptions } from '@safelight/http';
import { readToItsEnd, replaceResponse } from './replace-response.ts';
import type { ResponseEvents, WatchedResponse } from './response-events.ts';

export type OwnFunctions = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders' | 'destroy'>;
type Done = () => void;

/**
 * Watches a response until its status line. Everything passes unchanged, with the same arguments and return values,
 * unless `onStatus` returns `true`. When a handler begins with `write`, `end` or `flushHeaders`, Node calls `writeHead`
 * by itself, and then writes even if `writeHead` was withheld. So each of these functions calls `onStatus` first.
 */
export function watchResponse(req: IncomingMessage, res: ServerResponse, events: ResponseEvents): WatchedResponse {
  let depth = 0;
  // When guards are nested, the response already has the layers of the outer guards.
  while (layers[depth] !== undefined && (layers[depth] as Layer).key in res) depth += 1;
  layers[depth] ??= createLayer();
  const watch = new Watch(req, res, events);
  (layers[depth] as Layer).install(res, watch);
  return watch;
}

const noEvents: readonly ResponseEvents[] = [];

/** Returns the events of each watch that still waits for the status line. Nested guards have one watch each. */
export function watchersOf(res: ServerResponse): readonly ResponseEvents[] {
  if (layers[0] === undefined || !(layers[0].key in res)) return noEvents;
  const watches = layers.map(({ key }) => (res as ServerResponse & Partial<Record<symbol, Watch>>)[key]);
  return watches.filter((watch) => watch?.state === 'watching').map((watch) => (watch as Watch).events);
}

/** The watch of one guard on one response. */
class Watch implements WatchedResponse {
  state: WatchedResponse['state'] = 'watching';
  /** The functions that the response had before this watch. */
  readonly original: OwnFunctions;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly events: ResponseEvents;
  readonly #headersBefore: OutgoingHttpHeaders;
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
    const withholds = this.events.onStatus(status, {
      header: (name) => headerOf(head.at(-1), name) ?? res.getHeader(name),
      message: () => (typeof head[1] === 'string' ? head[1] : (res.statusMessage ?? '')),
    });
    // A call of the prototype's `writeHead` does not enter the watch. After such a call the status line is sent and can
    // no longer be withheld, so the body must pass too.
    const isWithheld = withholds && !res.headersSent;
    if (isWithheld) this.withhold();
    else this.state = 'forwarding';
    return !isWithheld;
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
    if (this.state === 'withheld') this.events.onWithheldEnd();
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

  /** Drops what is written to a withheld response. Calls the callback, because the handler may wait for that call. */
  drop(args: readonly unknown[], isLast: boolean): void {
    this.events.onWithheld(args[0], args[1]);
    if (isLast) this.events.onWithheldEnd();
    const done = args.find((arg): arg is Done => typeof arg === 'function');
    if (done !== undefined) process.nextTick(done);
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

/** Reads a header from each form that `writeHead` takes: an object, pairs, or a flat list. */
function headerOf(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const flat: readonly unknown[] = Array.isArray(headers) ? headers.flat() : Object.entries(headers).flat();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (String(flat[i]).toLowerCase() === name) return flat[i + 1];
  }
  return undefined;
}

/**
 * The functions that replace the functions of a response. All responses share these functions, and each function finds
 * the watch on the response. Closures for each response would survive every minor garbage collection, and that cost
 * more than the rest of the guard. A response that is already watched gets the functions of the next layer.
 */
interface Layer {
  readonly key: symbol;
  install(res: ServerResponse, watch: Watch): void;
}

const layers: Layer[] = [];

function createLayer(): Layer {
  const key = Symbol('safelight.watch');
  type Watched = ServerResponse & { readonly [key]: Watch };

  function writeHead(this: Watched, ...args: unknown[]): unknown {
    const watch = this[key];
    return watch.passes(args[0] as number, args) ? Reflect.apply(watch.original.writeHead, this, args) : this;
  }

  function write(this: Watched, ...args: unknown[]): unknown {
    const watch = this[key];
    if (watch.passes(this.statusCode)) return Reflect.apply(watch.original.write, this, args);
    watch.drop(args, false);
    return true;
  }

  function end(this: Watched, ...args: unknown[]): unknown {
    const watch = this[key];
    if (watch.passes(this.statusCode)) return Reflect.apply(watch.original.end, this, args);
    watch.drop(args, true);
    return this;
  }

  function flushHeaders(this: Watched): void {
    const watch = this[key];
    if (watch.passes(this.statusCode)) Reflect.apply(watch.original.flushHeaders, this, []);
  }

  function destroy(this: Watched, ...args: unknown[]): unknown {
    const watch = this[key];
    watch.destroyed(args[0]);
    return Reflect.apply(watch.original.destroy, this, args);
  }

  function onClose(this: Watched): void {
    this[key].closed();
  }

  return {
    key,
    install(res, watch) {
      // Assigned one by one, because `Object.assign` would take a tenth of the time of the whole guard.
      (res as ServerResponse & { [key]: Watch })[key] = watch;
      res.writeHead = writeHead as ServerResponse['writeHead'];
      res.write = write as ServerResponse['write'];
      res.end = end as ServerResponse['end'];
      res.flushHeaders = flushHeaders as ServerResponse['flushHeaders'];
      res.destroy = destroy as ServerResponse['destroy'];
      res.on('close', onClose as () => void);
    },
  };
}
