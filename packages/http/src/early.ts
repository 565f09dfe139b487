import type { IncomingMessage, ServerResponse } from 'node:http';
import { kindOfValue } from '@safelight/protocol';
import { targetOrigin } from './exchange.ts';

/** The type of the function that `http.createServer` takes; an Express application is one. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

/**
 * Responds from the cache if possible, and synchronously if everything that it needs is in memory.
 * @returns `false` when it cannot respond; then the request and the response are untouched
 */
export type EarlyResponder = (req: IncomingMessage, res: ServerResponse) => boolean | Promise<boolean>;

/** `true`: the handler is mounted at the root. A string: the path at which it is mounted, such as `/thumbs`. */
export type EarlyOption = boolean | string;

/**
 * Makes a responder that runs before the application sees the request. `respond` gets the request with the path below
 * the mount, as from Express.
 *
 * @returns `respond` itself when it is mounted at the root
 * @throws {TypeError} when the option is not a path such as '/thumbs'
 * @example
 * const respond = early((_req, res) => {
 *   res.end('from the cache');
 *   return true;
 * }, '/thumbs');
 * createListener([respond], (_req, res) => res.end('from the application'));
 */
export function early(respond: EarlyResponder, option: EarlyOption): EarlyResponder {
  const mount = option === true || option === '/' ? '' : option;
  if (mount === false || mount === '') return respond;
  if (!/^\/[^?#*:()]*[^/?#*:()]$/.test(mount)) {
    throw new TypeError(
      `early is ${JSON.stringify(mount)}; expected true, or the path at which it is mounted, without parameters, such as '/thumbs'.`,
    );
  }
  return function earlyAt(req, res) {
    const { url = '/' } = req;
    const origin = targetOrigin(url);
    const rest = url.slice(origin.length + mount.length);
    if (!url.startsWith(mount, origin.length) || !(rest === '' || rest.startsWith('/') || rest.startsWith('?'))) {
      return false;
    }
    const mounted = req as IncomingMessage & { originalUrl?: string | undefined; baseUrl?: string | undefined };
    mounted.originalUrl = url;
    mounted.baseUrl = mount;
    mounted.url = origin !== '' || rest.startsWith('/') ? origin + rest : `/${rest}`;
    try {
      return respond(req, res);
    } finally {
      // The application sets these properties itself when it gets the request.
      mounted.url = url;
      mounted.originalUrl = undefined;
      mounted.baseUrl = undefined;
    }
  };
}

/**
 * Makes a listener for `http.createServer`. Each request goes to the mounts in their order, until one of them responds.
 * All other requests go to the application, also those for which a mount throws or rejects.
 *
 * @throws {TypeError} when the application is not a function
 * @example
 * import { createServer } from 'node:http';
 *
 * const listener = createListener([() => false], (_req, res) => res.end('from the application'));
 * createServer(listener).listen(3000);
 */
export function createListener(mounts: readonly EarlyResponder[], app: Listener): Listener {
  if (typeof app !== 'function') {
    throw new TypeError(
      `listener(): the application is ${kindOfValue(app)}; it must be the application that express() returns, or a function (req, res).`,
    );
  }
  return function safelightListener(req, res) {
    const toApplication = () => app(req, res);

    function from(index: number): unknown {
      for (let i = index; i < mounts.length; i += 1) {
        const responded = respondOrReject(mounts[i] as EarlyResponder, req, res);
        if (responded === true) return;
        if (responded !== false) return responded.then((done) => (done ? undefined : from(i + 1)), toApplication);
      }
      return toApplication();
    }

    return from(0);
  };
}

/** An error that a listener throws would end the process, so it becomes a rejection. */
function respondOrReject(
  respond: EarlyResponder,
  req: IncomingMessage,
  res: ServerResponse,
): ReturnType<EarlyResponder> {
  try {
    return respond(req, res);
  } catch (error) {
    return Promise.reject(error);
  }
}
