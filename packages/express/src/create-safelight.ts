import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGuard, type GuardOptions, quietOnError, type Store, type Target } from '@safelight/core';
import {
  createListener,
  createPrivateNotice,
  type EarlyAnswer,
  type Listener,
  type RequestHandler,
} from '@safelight/http';
import { cacheTags, type Diagnosis } from '@safelight/protocol';
import { type KeyvLike, keyvStore, memoryDerivatives, memoryStore } from '@safelight/stores';
import { LRUCache } from 'lru-cache';
import { checkMountName } from './check-mount-name.ts';
import { type GuardDoor, type GuardDoorOptions, type GuardDoorParts, guardDoor } from './guard/guard.ts';
import { loadPlaceholder } from './load-placeholder.ts';
import { type Mount, type Runtime, runtimeKey } from './runtime.ts';
import { checkSafelightOptions, type SafelightOptions } from './safelight-options.ts';
import { createControl } from './why/control.ts';

export interface Safelight {
  /** Puts the guard around a handler. Successes pass untouched; failures are held, and answered for it. */
  guard<Req extends IncomingMessage, Res extends ServerResponse = ServerResponse>(
    handler: RequestHandler<Req, Res>,
    options?: GuardDoorOptions<Req>,
  ): RequestHandler<Req, Res>;
  /**
   * The same in front of whatever follows. What it cannot see: an error that an error handler turned into a success,
   * and that a handler passed the request on without having looked.
   */
  middleware<Req extends IncomingMessage>(options?: GuardDoorOptions<Req>): RequestHandler<Req>;
  /**
   * A listener for `http.createServer` in place of the application: what mounts with `early` hold or keep is answered
   * before the application sees the request, everything else goes to it. What stands before such a mount in the
   * application (its own authorization, logging, `cors`, `helmet`) has no part in those answers.
   */
  listener(app: Listener): Listener;
  /**
   * Call it where an original has been saved, replaced, renamed or removed: every derivation of it is asked for anew
   * from the moment that this resolves. The name is what `asset` gives for a request, or a public ID of a cloud that is
   * mounted on this Safelight (whose own upload API does this by itself).
   * @throws {TransformError} `store_unavailable`, when a shared store could not be told; repeat the call
   */
  changed(asset: string): Promise<void>;
  /**
   * Saves an original: `save`, then `changed`. Meanwhile whoever asks for what is neither held nor kept of it waits, at
   * most `maxPendingMs`, instead of failing or of getting half of it; then its handler runs, and nothing is remembered of
   * its failing.
   * @returns what `save` gives
   * @throws what `save` or `changed` throws; the asset is asked for anew in any case, since part of it may be there
   */
  saving<T>(asset: string, save: () => T | Promise<T>): Promise<T>;
  /** The routes `/_safelight/why` and `/_safelight/assets`, which every cloud has anyway. */
  control(): RequestHandler;
  /** Explains a URL, absolute or not, without asking for it, running anything or prolonging anything. */
  why(url: string): Promise<Diagnosis>;
  /** For packages that are built on the guard; not public API. */
  readonly [runtimeKey]: Runtime;
}

const MOST_EXPLAINED = 5000;
const LONGEST_EXPLAINED = 1000;
/** Apart from the keys of what is mounted. */
const ownPrefix = 'own:';

/**
 * The door to everything.
 * @throws {TypeError} for an option that does not exist, or has a wrong type
 * @throws {RangeError} or {Error} when an option cannot work, saying which and what it may be
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it creates the parts and connects them, and decides nothing.
export function createSafelight(options: SafelightOptions = {}): Safelight {
  checkSafelightOptions(options);
  const {
    store,
    derivatives = memoryDerivatives(),
    placeholder = 'none',
    placeholderStatus: statusOption = 'error',
    onError: report = console.error,
    whyRate: { perSecond = 50, burst = 100 } = {},
    ...guardOptions
  } = options;
  const { clock = Date.now, timeoutMs = 30_000 } = guardOptions;
  const onError = quietOnError(report);
  const guard = createGuard({ ...guardOptions, ...storesFor(store, clock), derivatives, onError });
  const image = loadPlaceholder(placeholder);
  const placeholderStatus = statusOption === 'error' ? undefined : statusOption;
  const mounts: Mount[] = [];
  const earlyMounts: EarlyAnswer[] = [];
  const failedTargets = new LRUCache<string, Target>({ max: MOST_EXPLAINED });

  const control = createControl({
    clock,
    mounts,
    guardFacts(url) {
      const target = failedTargets.get(url);
      return target && guard.inspect(target).then((found) => ({ found, isArriving: guard.isArriving(target) }));
    },
    ladders: guardOptions,
    placeholder: image === undefined ? undefined : { status: placeholderStatus },
    whyRate: { perSecond, burst },
  });
  const onMadePrivate = createPrivateNotice(onError);
  const shared = { guard, clock, timeoutMs, derivatives, placeholderStatus, onError, onMadePrivate };
  const doorParts: GuardDoorParts = {
    ...shared,
    placeholder: image === undefined ? undefined : { contentType: image.contentType, body: Buffer.from(image.bytes) },
    assetPrefix: ownPrefix,
    tags: (key) => cacheTags({ resourceType: 'image', publicId: key.slice(ownPrefix.length) }),
    onFailed(url, target) {
      if (url.length <= LONGEST_EXPLAINED && !failedTargets.has(url)) failedTargets.set(url, target);
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

  /** What the name of an asset stands for: that of guarded handlers, and those of every mount. */
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
    door: GuardDoor<Req, Res>,
  ): RequestHandler<Req, Res> {
    if (door.early !== undefined) earlyMounts.push(door.early);
    return door.handler;
  }

  return {
    [runtimeKey]: runtime,
    guard: (handler, doorOptions = {}) =>
      register(guardDoor(doorParts, handler, doorOptions, { nextIsHandler: false })),
    middleware: (doorOptions = {}) =>
      register(guardDoor(doorParts, (_req, _res, next) => next(), doorOptions, { nextIsHandler: true })),
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

/** Part of the original may be there although saving it failed, so its failures are forgotten in any case. */
async function saveOrRenew<T>(save: () => T | Promise<T>, renew: () => Promise<void>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    await renew();
    throw error;
  }
}

function storesFor(store: KeyvLike | Store | undefined, clock: () => number): Pick<GuardOptions, 'store' | 'island'> {
  if (store === undefined) return { store: memoryStore({ clock }) };
  // A store that lives in this process is always there.
  if ('absentMark' in store) return { store };
  const island = memoryStore({ clock, maxEntries: 20_000 });
  return { store: 'get' in store || 'on' in store ? keyvStore(store as KeyvLike) : (store as Store), island };
}
