import { nextRetry, spacingMs } from './retry-plan.ts';

/** The element and the run that need a request. */
export interface Requester {
  /** No request is sent while the element cannot be seen. */
  readonly img: Element;
  /** The scheduler aborts it when the element was removed from the page. */
  readonly run: AbortController;
}

/**
 * Calls `work` later, once for all callers that wait with the same key at that time.
 * @returns the result of that one call; rejects when the run is aborted
 */
export type DoLater = <T>(requester: Requester, key: string, inMs: number, work: () => Promise<T>) => Promise<T>;

interface WaitingRequest extends Requester {
  readonly key: string;
  /** The earliest start, in epoch milliseconds. */
  dueAt: number;
  /** Whether the element is in the window, or less than 200 px outside of it. */
  isSeen: boolean;
  wasInPage: boolean;
  readonly work: () => Promise<unknown>;
  readonly settle: (result: Promise<unknown>) => void;
}

const pages = new WeakMap<Document, DoLater>();
const wakingMs = 1_000;

/**
 * The scheduler of a page. Each page has one, with one timer, one observer and a few listeners. While no caller waits, it
 * has none of these.
 */
export function pageRetries(page: Document): DoLater {
  const doLater = pages.get(page) ?? createPageRetries(page);
  pages.set(page, doLater);
  return doLater;
}

function createPageRetries(page: Document): DoLater {
  const waiting = new Set<WaitingRequest>();
  let running = 0;
  let freeAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let listening: AbortController | undefined;
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        for (const request of waiting) if (request.img === target) request.isSeen = isIntersecting;
      }
      startDue();
    },
    { rootMargin: '200px' },
  );

  function startDue(): void {
    for (const request of waiting) {
      if (request.img.isConnected) request.wasInPage = true;
      else if (request.wasInPage) request.run.abort();
    }
    clearTimeout(timer);
    if (waiting.size === 0) {
      observer.disconnect();
      listening?.abort();
      listening = undefined;
    }
    const next = !page.hidden && navigator.onLine && nextRetry(waiting, { now: Date.now(), running, freeAt });
    if (!next) return;
    if (next.inMs > 0) {
      timer = setTimeout(startDue, next.inMs);
      return;
    }
    running++;
    freeAt = Date.now() + spacingMs;
    const result = next.retry.work().finally(() => {
      running--;
      startDue();
    });
    for (const request of waiting) {
      if (request.key !== next.retry.key) continue;
      waiting.delete(request);
      request.settle(result);
    }
    startDue();
  }

  /** Spreads the requests that became due in the meantime, so that they do not start all at once. */
  function wake(): void {
    for (const request of waiting) request.dueAt = Math.max(request.dueAt, Date.now() + Math.random() * wakingMs);
    startDue();
  }

  return ({ img, run }, key, inMs, work) =>
    new Promise((resolve, reject) => {
      const { signal } = run;
      signal.throwIfAborted();
      const settle = resolve as WaitingRequest['settle'];
      const request = { img, run, key, dueAt: Date.now() + inMs, isSeen: false, wasInPage: false, work, settle };
      waiting.add(request);
      signal.addEventListener('abort', () => {
        waiting.delete(request);
        reject(signal.reason);
        startDue();
      });
      if (listening === undefined) {
        listening = new AbortController();
        onWaking(wake, listening.signal);
      }
      // A new observation reports at once whether the element can be seen.
      observer.unobserve(img);
      observer.observe(img);
      startDue();
    });
}

/** Calls `wake` whenever the page may load pictures again, until the signal is aborted. */
function onWaking(wake: () => void, signal: AbortSignal): void {
  for (const type of ['visibilitychange', 'online', 'pageshow']) {
    addEventListener(type, wake, { capture: true, signal });
  }
}
