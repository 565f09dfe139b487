import type { ServerResponse } from 'node:http';

export type OwnFunctions = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders' | 'destroy'>;

/** What stands behind the functions of a response that is being watched. */
export interface ResponseWatch {
  /** The functions that the response had before. */
  readonly original: OwnFunctions;
  /** Whether a status line may go out. @param args - those of `writeHead` */
  passes(status: number, args: readonly unknown[]): boolean;
  /** The same for a body that comes before a status line. */
  passesAsSet(): boolean;
  /** Takes what may not go out. @param args - those of `write` or `end` */
  swallow(args: readonly unknown[], isEnd: boolean): void;
  destroyed(error: unknown): void;
  closed(): void;
}

/**
 * The functions that stand in for a response's own. They are the same for all responses and find their watch on the
 * response: closures made anew for each one survived every minor garbage collection, which cost more than all the rest
 * of the guard. A response that is watched already, because one guard stands in another, gets the next layer's.
 */
export interface Layer {
  readonly key: symbol;
  install(res: ServerResponse, watch: ResponseWatch): void;
}

const layers: Layer[] = [];

/** The layer of a response that is watched so many times already. */
export function layerAt(depth: number): Layer {
  layers[depth] ??= createLayer();
  return layers[depth];
}

function createLayer(): Layer {
  const key = Symbol('safelight.watch');
  const watchOf = (res: unknown) => (res as { readonly [key: symbol]: ResponseWatch })[key] as ResponseWatch;

  function watchedWriteHead(this: ServerResponse, ...args: unknown[]): unknown {
    const watch = watchOf(this);
    return watch.passes(args[0] as number, args) ? Reflect.apply(watch.original.writeHead, this, args) : this;
  }

  function watchedWrite(this: ServerResponse, ...args: unknown[]): unknown {
    const watch = watchOf(this);
    if (watch.passesAsSet()) return Reflect.apply(watch.original.write, this, args);
    watch.swallow(args, false);
    return true;
  }

  function watchedEnd(this: ServerResponse, ...args: unknown[]): unknown {
    const watch = watchOf(this);
    if (watch.passesAsSet()) return Reflect.apply(watch.original.end, this, args);
    watch.swallow(args, true);
    return this;
  }

  function watchedFlushHeaders(this: ServerResponse): void {
    const watch = watchOf(this);
    if (watch.passesAsSet()) Reflect.apply(watch.original.flushHeaders, this, []);
  }

  function watchedDestroy(this: ServerResponse, ...args: unknown[]): unknown {
    const watch = watchOf(this);
    watch.destroyed(args[0]);
    return Reflect.apply(watch.original.destroy, this, args);
  }

  function onClose(this: ServerResponse): void {
    watchOf(this).closed();
  }

  return {
    key,
    install(res, watch) {
      (res as unknown as Record<symbol, ResponseWatch>)[key] = watch;
      res.writeHead = watchedWriteHead as ServerResponse['writeHead'];
      res.write = watchedWrite as ServerResponse['write'];
      res.end = watchedEnd as ServerResponse['end'];
      res.flushHeaders = watchedFlushHeaders;
      res.destroy = watchedDestroy as ServerResponse['destroy'];
      res.on('close', onClose);
    },
  };
}
