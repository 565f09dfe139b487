import type { ServerResponse } from 'node:http';

/**
 * Calls back at the last moment at which headers can be set: after each `writeHead` that a middleware has put in front of
 * Node's own. Such a function calls the `writeHead` that it found, so we cannot place ours behind it. But Node's own
 * first sets `statusCode` (HTTP/1) or reads `stream` (HTTP/2), both public, and reads the headers after that. The
 * callback may also run earlier, and more than once, because other code uses these properties too.
 */
export function beforeHeadersAreFixed(res: ServerResponse, onLast: () => void): void {
  const watched = res as unknown as Watched;
  const status = res.statusCode;
  const isWatched = watch in res;
  watched[watch] = { status, onLast };
  if (isWatched) return;
  // We never remove the property: restoring the previous one would take as long as writing the rest of the head.
  if (res.req?.httpVersionMajor === 2) Object.defineProperty(res, 'stream', streamRead);
  else Object.defineProperty(res, 'statusCode', statusSet);
}

const watch = Symbol('safelight.head');

interface Watched {
  readonly headersSent: boolean;
  [watch]: { status: number; readonly onLast: () => void };
}

// All responses share these functions: with new functions, V8 would give each response its own hidden class.

const statusSet: PropertyDescriptor & ThisType<Watched> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[watch].status;
  },
  set(status: number) {
    this[watch].status = status;
    if (!this.headersSent) this[watch].onLast();
  },
};

const streamRead: PropertyDescriptor & ThisType<Watched> = {
  configurable: true,
  get() {
    if (!this.headersSent) this[watch].onLast();
    return Reflect.get(Object.getPrototypeOf(this) as object, 'stream', this) as unknown;
  },
};
