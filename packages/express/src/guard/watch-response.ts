import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResponseEvents, WatchedResponse } from './response-events.ts';
import { Watch } from './watch.ts';

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
    return watch.passes(args[0] as number, args) ? watch.sendHead(args) : watch.stop('writeHead', args);
  }

  function write(this: Watched, ...args: unknown[]): unknown {
    const watch = this[key];
    const passes = watch.passes(this.statusCode);
    if (!watch.isEnding) watch.capture?.add(args[0], args[1]);
    return passes ? Reflect.apply(watch.original.write, this, args) : watch.stop('write', args);
  }

  function end(this: Watched, ...args: unknown[]): unknown {
    const watch = this[key];
    const passes = watch.passes(this.statusCode);
    watch.capture?.add(args[0], args[1]);
    watch.capture?.end();
    watch.isEnding = true;
    return passes ? Reflect.apply(watch.original.end, this, args) : watch.stop('end', args);
  }

  function flushHeaders(this: Watched): void {
    const watch = this[key];
    if (watch.passes(this.statusCode)) Reflect.apply(watch.original.flushHeaders, this, []);
    else watch.stop('flushHeaders', []);
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
