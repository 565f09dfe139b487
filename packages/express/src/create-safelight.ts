import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGuard, quietOnError, type Target } from '@safelight/core';
import {
  createListener,
  createPrivateNotice,
  type EarlyResponder,
  type Listener,
  type RequestHandler,
} from '@safelight/http';
import { cacheTags, type Diagnosis } from '@safelight/protocol';
import { memoryDerivatives } from '@safelight/stores';
import { LRUCache } from 'lru-cache';
import { checkMountName } from './check-mount-name.ts';
import { type GuardRoute, type GuardRouteParts, guardRoute } from './guard/guard.ts';
import type { GuardRouteOptions } from './guard/guard-route-options.ts';
import { guardStores } from './guard-stores.ts';
import { loadPlaceholder } from './load-placeholder.ts';
import { type Mount, type Runtime, runtimeKey } from './runtime.ts';
import { checkSafelightOptions, type SafelightOptions } from './safelight-options.ts';
import { createControl } from './why/control.ts';

/** What `createSafelight()` returns. */
export interface Safelight {
  /**
   * Guards a handler. Its successes are sent unchanged. A failure is held, and Safelight responds in place of the
   * handler until the window of the failure ends or `changed` is called.
   * @throws {TypeError} when the handler is not a function, or an option does not exist or has a wrong type
   */
  guard<Req extends IncomingMessage, Res extends ServerResponse = ServerResponse>(
    handler: RequestHandler<Req, Res>,
    options?: GuardRouteOptions<Req>,
  ): RequestHandler<Req, Res>;
  /**
   * Guards the handlers that follow. It cannot detect two things: that an error handler turned an error into a success,
   * and that a handler passed the request on.
   * @throws {TypeError} when an option does not exist or has a wrong type, or `cache` is set
   */
  middleware<Req extends IncomingMessage>(options?: GuardRouteOptions<Req>): RequestHandler<Req>;
  /**
   * Returns a listener for `http.createServer` in place of the application. Guards with `early` send their held and
   * cached responses before the application sees the request; all other requests go to the application. Middleware in
   * front of such a guard (authorization, logging, `cors`, `helmet`) does not run for those responses.
   * @throws {TypeError} when the application is not a function
   */
  listener(app: Listener): Listener;
  /**
   * Call it after an original was saved, replaced, renamed or removed. After it resolves, no failure and no response
   * from before the change is served for this asset. The name is the one that `asset` returns for a request, or a
   * public ID of a cloud on this Safelight. The upload API of a cloud calls it by itself.
   * @throws {TransformError} `store_unavailable` when the change could not be written to a shared store; repeat the
   * call
   */
  changed(asset: string): Promise<void>;
  /**
   * Saves an original: calls `save`, then `changed`. Meanwhile a request for a derivation that is neither held nor
   * cached waits for at most `maxPendingMs`, so that it does not find a part of the original. After that time its
   * handler runs, and a failure of that run is not held.
   * @returns the result of `save`
   * @throws {Error} of `save` or `changed`. The asset counts as changed in any case, since a part of it may exist
   */
  saving<T>(asset: string, save: () => T | Promise<T>): Promise<T>;
  /** Returns a handler of the routes below `/_safelight/`. Every cloud already has them. */
  control(): RequestHandler;
  /** Explains a URL, absolute or not. It sends no request, runs no handler and lengthens no window. */
  why(url: string): Promise<Diagnosis>;
  /** For other packages of Safelight. Not public API. */
  readonly [runtimeKey]: Runtime;
}

const maxExplained = 5000;
const maxExplainedLength = 1000;
/** Distinguishes the keys of guarded handlers from those of mounts. */
const ownPrefix = 'own:';

/**
 * Creates a Safelight: a guard, and the state that its handlers and mounts share. Create one per process.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when a number is out of range, or two windows contradict each other
 * @throws {Error} when the placeholder cannot be read
 * @example
 * import express from 'express';
 *
 * const safelight = createSafelight({ placeholder: 'drawn' });
 * const app = express();
 * app.use('/thumbs', safelight.guard((_req, res) => res.writeHead(404).end()));
 * app.listen(3000); // the handler runs once; until its window of 60 s ends, clients get the held 404
 * await safelight.changed('/thumbs/cat.jpg'); // the next request for it runs the handler
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it only creates the parts and connects them.
export function createSafelight(options: SafelightOptions = {}): Safelight {
  checkSafelightOptions(options);
  const {
    store,
    derivatives = memoryDerivatives(),
    placeholder = 'none',
    placeholderStatus: statusOption = 'error',
    epoch = '',
    onError: report = console.error,
    whyRate: { perSecond = 50, burst = 100 } = {},
    ...guardOptions
  } = options;
  const { clock = Date.now, timeoutMs = 30_000 } = guardOptions;
  const onError = quietOnError(report);
  const guard = createGuard({ ...guardOptions, ...guardStores(store, clock), derivatives, onError });
  const image = loadPlaceholder(placeholder);
  const placeholderStatus = statusOption === 'error' ? undefined : statusOption;
  const mounts: Mount[] = [];
  const earlyMounts: EarlyResponder[] = [];
  const failedTargets = new LRUCache<string, Target>({ max: maxExplained });

  const control = createControl({
    clock,
    mounts,
    guardFacts(url) {
      const target = failedTargets.get(url);
      return target && guard.inspect(target).then((found) => ({ found, isArriving: guard.isArriving(target) }));
    },
    backoff: guardOptions.backoff ?? {},
    placeholder: image === undefined ? undefined : { status: placeholderStatus },
    whyRate: { perSecond, burst },
  });
  const onMadePrivate = createPrivateNotice(onError);
  const shared = { guard, clock, timeoutMs, derivatives, placeholderStatus, epoch, onError, onMadePrivate };
  const routeParts: GuardRouteParts = {
    ...shared,
    placeholder: image === undefined ? undefined : { contentType: image.contentType, body: Buffer.from(image.bytes) },
    assetPrefix: ownPrefix,
    tags: (key) => cacheTags({ resourceType: 'image', publicId: key.slice(ownPrefix.length) }),
    onFailed(url, target) {
      if (url.length <= maxExplainedLength && !failedTargets.has(url)) failedTargets.set(url, target);
    },
  };

  const runtime: Runtime = {
    ...shared,
    placeholder: image,
    control,
    mounts,
    mount(mount) {
      checkMountName(mount.name, mounts);
      mounts.push(mount);
      if (mount.early !== undefined) earlyMounts.push(mount.early);
    },
  };

  /** Returns the keys of an asset: that of guarded handlers, and those of every mount. */
  function keysOf(asset: string): readonly string[] {
    return [ownPrefix + asset, ...mounts.flatMap((mount) => mount.keysOf(asset))];
  }

  async function changed(asset: string): Promise<void> {
    await Promise.all(keysOf(asset).map((key) => guard.changed(key)));
  }

  async function saving<T>(asset: string, save: () => T | Promise<T>): Promise<T> {
    const ends = keysOf(asset).map((key) => guard.changing(key));
    try {
      const saved = await saveOrRenew(save, () => changed(asset).catch(onError));
      await changed(asset);
      return saved;
    } finally {
      for (const end of ends) end();
    }
  }

  function register<Req extends IncomingMessage, Res extends ServerResponse>(
    route: GuardRoute<Req, Res>,
  ): RequestHandler<Req, Res> {
    if (route.early !== undefined) earlyMounts.push(route.early);
    return route.handler;
  }

  return {
    [runtimeKey]: runtime,
    guard: (handler, routeOptions = {}) =>
      register(guardRoute(routeParts, handler, routeOptions, { nextIsHandler: false })),
    middleware: (routeOptions = {}) =>
      register(guardRoute(routeParts, (_req, _res, next) => next(), routeOptions, { nextIsHandler: true })),
    listener: (app) => createListener(earlyMounts, app),
    changed,
    saving,
    control: () =>
      function safelightControl(req, res, next) {
        control.handle(req, res, next).catch(next);
      },
    why: (url) => control.why(url, { isAdministrator: true }),
  };
}

/** A part of the original may exist although saving it failed, so its failures are dropped in any case. */
async function saveOrRenew<T>(save: () => T | Promise<T>, renew: () => Promise<void>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    await renew();
    throw error;
  }
}
