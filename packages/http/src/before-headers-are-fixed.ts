import type { ServerResponse } from 'node:http';

/**
 * Calls back at the last moment at which headers may still be set: after every `writeHead` that a middleware has put in
 * front of Node's own. Such a function calls the `writeHead` that it found, so we cannot place one of ours after it.
 * But Node's own begins by setting `statusCode` (HTTP/1) or by reading `stream` (HTTP/2), both public, before it reads
 * the headers. The callback may run earlier and more than once, because other code uses these properties too.
 */
export function beforeHeadersAreFixed(res: ServerResponse, onLast: () => void): void {
  const watched = res as unknown as Watched;
  const status = res.statusCode;
  const isWatched = watch in res;
  watched[watch] = { status, onLast };
  if (isWatched) return;
  // Never removed: restoring the previous property would cost as much as the rest of the head.
  if (res.req?.httpVersionMajor === 2) Object.defineProperty(res, 'stream', streamRead);
  else Object.defineProperty(res, 'statusCode', statusSet);
}

const watch = Symbol('safelight.head');

interface Watched {
  readonly headersSent: boolean;
  [watch]: { status: number; readonly onLast: () => void };
}

// The same functions for all responses: with new functions for each one, V8 gives each response its own hidden class.

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
