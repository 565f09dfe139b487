import type { IncomingMessage, ServerResponse } from 'node:http';
import { kindOfValue } from '@safelight/protocol';
import { targetOrigin } from './exchange.ts';

/** The type of the function that `http.createServer` takes; an Express application is one. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

/**
 * Responds from the cache where that is possible, synchronously when everything needed is in memory.
 * @returns `false` when it cannot respond; then the request and the response are untouched
 */
export type EarlyResponder = (req: IncomingMessage, res: ServerResponse) => boolean | Promise<boolean>;

/** `true`: mounted at the root. A string: the path that it is mounted at, such as `/thumbs`. */
export type EarlyOption = boolean | string;

/**
 * Responds before the application sees the request. `respond` gets the request with the path below the mount, as it
 * would from Express.
 * @throws {TypeError} when the option is not such a path
 */
export function early(respond: EarlyResponder, option: EarlyOption): EarlyResponder {
  const mount = option === true || option === '/' ? '' : option;
  if (mount === false || mount === '') return respond;
  if (!/^\/[^?#*:()]*[^/?#*:()]$/.test(mount)) {
    throw new TypeError(
      `early is ${JSON.stringify(mount)}; give true, or the path that it is mounted at without parameters, such as '/thumbs'.`,
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
      // The application sets these itself, if it gets the request.
      mounted.url = url;
      mounted.originalUrl = undefined;
      mounted.baseUrl = undefined;
    }
  };
}

/**
 * A listener for `http.createServer`. The early mounts respond where they can; all other requests go to the
 * application.
 * @throws {TypeError} when the application is not a function
 */
export function createListener(mounts: readonly EarlyResponder[], app: Listener): Listener {
  if (typeof app !== 'function') {
    throw new TypeError(
      `listener(): the application is ${kindOfValue(app)}; it must be what express() returns, or a function (req, res).`,
    );
  }
  return function safelightListener(req, res) {
    const pass = () => app(req, res);

    function from(index: number): unknown {
      for (let i = index; i < mounts.length; i += 1) {
        const responded = (mounts[i] as EarlyResponder)(req, res);
        if (responded === true) return;
        if (responded !== false) return responded.then((done) => (done ? undefined : from(i + 1)), pass);
      }
      return pass();
    }

    return from(0);
  };
}
