import { nextRetry, spacingMs } from './retry-plan.ts';

/** The element and the run that a request is for. */
export interface Asker {
  /** No request is sent while it cannot be seen. */
  readonly img: Element;
  /** Aborted when the element was removed from the page. */
  readonly run: AbortController;
}

/**
 * Does the work later, once for all callers that wait for the same key at that time.
 * @returns the result of that one call of `work`; rejects when the run is aborted
 */
export type DoLater = <T>(asker: Asker, key: string, inMs: number, work: () => Promise<T>) => Promise<T>;

interface Waiting extends Asker {
  readonly key: string;
  /** Epoch milliseconds: not before. */
  dueAt: number;
  isSeen: boolean;
  wasInPage: boolean;
  readonly work: () => Promise<unknown>;
  readonly settle: (result: Promise<unknown>) => void;
}

const pages = new WeakMap<Document, DoLater>();
const wakingMs = 1_000;

/** One scheduler for each page, with one timer, one observer and a few listeners. It has none while no caller waits. */
export function pageRetries(page: Document): DoLater {
  const later = pages.get(page) ?? createPageRetries(page);
  pages.set(page, later);
  return later;
}

function createPageRetries(page: Document): DoLater {
  const waiting = new Set<Waiting>();
  let running = 0;
  let freeAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let awake: AbortController | undefined;
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        for (const one of waiting) if (one.img === target) one.isSeen = isIntersecting;
      }
      look();
    },
    { rootMargin: '200px' },
  );

  function look(): void {
    for (const one of waiting) {
      if (one.img.isConnected) one.wasInPage = true;
      else if (one.wasInPage) one.run.abort();
    }
    clearTimeout(timer);
    if (waiting.size === 0) {
      observer.disconnect();
      awake?.abort();
      awake = undefined;
    }
    const next = !page.hidden && navigator.onLine && nextRetry(waiting, { now: Date.now(), running, freeAt });
    if (!next) return;
    if (next.inMs > 0) {
      timer = setTimeout(look, next.inMs);
      return;
    }
    running++;
    freeAt = Date.now() + spacingMs;
    const result = next.retry.work().finally(() => {
      running--;
      look();
    });
    for (const one of waiting) {
      if (one.key !== next.retry.key) continue;
      waiting.delete(one);
      one.settle(result);
    }
    look();
  }

  /** Spreads the requests that became due meanwhile, so that they do not start all at once. */
  function wake(): void {
    for (const one of waiting) one.dueAt = Math.max(one.dueAt, Date.now() + Math.random() * wakingMs);
    look();
  }

  return ({ img, run }, key, inMs, work) =>
    new Promise((resolve, reject) => {
      const { signal } = run;
      signal.throwIfAborted();
      const settle = resolve as Waiting['settle'];
      const one = { img, run, key, dueAt: Date.now() + inMs, isSeen: false, wasInPage: false, work, settle };
      waiting.add(one);
      signal.addEventListener('abort', () => {
        waiting.delete(one);
        reject(signal.reason);
        look();
      });
      if (awake === undefined) {
        awake = new AbortController();
        onWaking(wake, awake.signal);
      }
      // A new observation reports the element at once when it can be seen.
      observer.unobserve(img);
      observer.observe(img);
      look();
    });
}

/** Calls `wake` whenever the page may load pictures again, until the signal. */
function onWaking(wake: () => void, signal: AbortSignal): void {
  for (const type of ['visibilitychange', 'online', 'pageshow']) {
    addEventListener(type, wake, { capture: true, signal });
  }
}
