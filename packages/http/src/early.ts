import type { IncomingMessage, ServerResponse } from 'node:http';
import { kindOfValue } from '@safelight/protocol';
import { targetOrigin } from './exchange.ts';

/** What `http.createServer` and Express applications are given. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

/**
 * Answers from memory what can be answered so; at once when all is at hand.
 * @returns `false` when it cannot be: nothing was touched
 */
export type EarlyAnswer = (req: IncomingMessage, res: ServerResponse) => boolean | Promise<boolean>;

/** `true`: mounted at the root; else the path that it is mounted at, such as `/thumbs`. */
export type EarlyOption = boolean | string;

/**
 * Answers before the application sees the request, as if it stood where it is mounted: with the path below that, as
 * Express gives it.
 * @throws {TypeError} when the option is no such path
 */
export function early(answer: EarlyAnswer, option: EarlyOption): EarlyAnswer {
  const mount = option === true || option === '/' ? '' : option;
  if (mount === false || mount === '') return answer;
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
      return answer(req, res);
    } finally {
      // The application puts these there by itself, if it gets to see the request.
      mounted.url = url;
      mounted.originalUrl = undefined;
      mounted.baseUrl = undefined;
    }
  };
}

/**
 * A listener for `http.createServer`: what the early mounts know is answered, everything else goes to the application.
 * @throws {TypeError} when the application is not a function
 */
export function createListener(mounts: readonly EarlyAnswer[], app: Listener): Listener {
  if (typeof app !== 'function') {
    throw new TypeError(
      `listener(): the application is ${kindOfValue(app)}; it must be what express() returns, or a function (req, res).`,
    );
  }
  return function safelightListener(req, res) {
    const pass = () => app(req, res);

    function from(index: number): unknown {
      for (let i = index; i < mounts.length; i += 1) {
        const answered = (mounts[i] as EarlyAnswer)(req, res);
        if (answered === true) return;
        if (answered !== false) return answered.then((done) => (done ? undefined : from(i + 1)), pass);
      }
      return pass();
    }

    return from(0);
  };
}
