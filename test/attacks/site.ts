import type { Originals } from '@safelight/core';
import type { RequestHandler } from '@safelight/http';
import { type Clock, scene } from '../servers/scene.ts';
import type { Framework, Stack } from '../servers/servers.ts';
import type { Attack } from './attacks.ts';
import type { Host, Reply, Sent } from './clients.ts';
import type { Mount } from './mounts.ts';

/** How a handler fails. */
export const failures = ['responds', 'calls next', 'throws'] as const;
export type Failure = (typeof failures)[number];

export interface Place {
  /** The name of the framework, or HTTP/2. */
  readonly name: string;
  readonly framework: Framework;
  readonly host: Host;
}

export interface Site {
  readonly clock: Clock;
  /** The number of runs of the handler. */
  readonly runs: () => number;
  attack(sent?: Sent): Promise<Reply>;
  /** Sends the request of a polite client. */
  ask(sent?: Sent): Promise<Reply>;
  /** Makes all runs wait until the returned function is called. */
  pause(): () => void;
  /** Resolves when the handler runs. */
  isRunning(): Promise<void>;
  /** Resolves when the server has received this number of requests, and had the time to begin waiting. */
  received(count: number): Promise<void>;
  end(): void;
}

let lastSite = 0;

function failAs(failure: Failure, { status, errorFields = {} }: Attack): RequestHandler {
  return (_req, res, next) => {
    if (failure === 'responds') return void res.writeHead(status, errorFields).end('refused');
    const error = Object.assign(new Error('refused'), { status });
    if (failure === 'throws') throw error;
    next(error);
  };
}

/** Serves one mount of a handler that is vulnerable to an attack. */
export function siteOf(
  { host, framework }: Place,
  mount: Mount,
  attack: Attack,
  { failure, front, originals }: { readonly failure: Failure; readonly front: Stack; readonly originals: Originals },
): Site {
  lastSite += 1;
  const name = `s${lastSite}`;
  const path = `/${name}/image/upload/w_1/cat.png`;
  const { safelight, clock } = scene();
  let [runs, received] = [0, 0];
  let gate: Promise<void> | undefined;
  let running = Promise.withResolvers<void>();
  const waiting = new Set<() => void>();

  const handlerOf = (succeed: RequestHandler): RequestHandler => {
    const handler = attack.handlerOf(succeed, failAs(failure, attack));
    return (req, res, next) => {
      runs += 1;
      running.resolve();
      return gate === undefined ? handler(req, res, next) : gate.then(() => handler(req, res, next));
    };
  };
  const { options = {}, fields = [] } = attack;
  const listener = mount.listenerOf({ safelight, framework, front, handlerOf, options, fields, name, originals });
  host.sites.set(name, (req, res) => {
    listener(req, res);
    received += 1;
    for (const check of waiting) check();
  });

  const send = (sent: Sent) => {
    running = Promise.withResolvers();
    return host.send(path, sent, mount.sees === 'nothing' ? Promise.resolve() : running.promise);
  };
  return {
    clock,
    runs: () => runs,
    attack: (sent = attack.sent) => send(sent),
    ask: (sent = attack.polite ?? {}) => host.send(path, sent, Promise.resolve()),
    pause() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
    isRunning: () => running.promise,
    received: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (received < count) return;
          waiting.delete(check);
          setImmediate(resolve);
        };
        waiting.add(check);
        check();
      }),
    end: () => void host.sites.delete(name),
  };
}
