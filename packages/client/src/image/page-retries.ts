import { freeAfter, nextRetry } from './retry-plan.ts';

export interface Retry<T> {
  /** Whoever waits for the same key shares one run. */
  readonly key: string;
  /** Epoch milliseconds: not before. */
  readonly dueAt: number;
  /** Whose picture it is: nothing is asked for while it cannot be seen. */
  readonly img: Element;
  readonly signal: AbortSignal;
  readonly load: () => Promise<T>;
  /** The element was in the page, and is not any more. */
  readonly onLeft: () => void;
}

export interface PageRetries {
  /** What `load` gave, this one's or that of somebody with the same key. Rejects when the signal aborts. */
  later<T>(retry: Retry<T>): Promise<T>;
}

interface Job {
  dueAt: number;
  isSeen: boolean;
  readonly waiting: Map<Retry<unknown>, (loading: Promise<unknown>) => void>;
}

const pages = new WeakMap<Document, PageRetries>();
const wakingMs = 1_000;

/** One for each page: one timer, one observer, a few listeners, and none of them while nobody waits. */
export function pageRetries(page: Document): PageRetries {
  const retries = pages.get(page) ?? createPageRetries(page);
  pages.set(page, retries);
  return retries;
}

function createPageRetries(page: Document): PageRetries {
  const jobs = new Map<string, Job>();
  const attached = new WeakSet<Element>();
  const seen = new WeakSet<Element>();
  let running = 0;
  let freeAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let awake: { readonly observer: IntersectionObserver; readonly listeners: AbortController } | undefined;

  function look(): void {
    clearTimeout(timer);
    for (const [key, job] of jobs) {
      for (const retry of job.waiting.keys()) {
        if (retry.img.isConnected) attached.add(retry.img);
        else if (attached.has(retry.img)) retry.onLeft();
      }
      job.isSeen = [...job.waiting.keys()].some(({ img }) => seen.has(img));
      if (job.waiting.size === 0) jobs.delete(key);
    }
    if (jobs.size === 0) {
      awake?.observer.disconnect();
      awake?.listeners.abort();
      awake = undefined;
    } else if (!page.hidden && navigator.onLine) {
      const next = nextRetry(jobs.values(), { now: Date.now(), running, freeAt });
      if (next !== undefined) timer = setTimeout(() => (next.inMs > 0 ? look() : run(next.retry)), next.inMs);
    }
  }

  function run({ waiting }: Job): void {
    const [first] = waiting.keys();
    if (first === undefined) {
      look();
      return;
    }
    jobs.delete(first.key);
    running++;
    freeAt = freeAfter(Date.now());
    const loading = first.load().finally(() => {
      running--;
      look();
    });
    for (const [{ img }, done] of waiting) {
      awake?.observer.unobserve(img);
      done(loading);
    }
    look();
  }

  /** What was due meanwhile is not asked for all at once. */
  function wake(): void {
    for (const job of jobs.values()) job.dueAt = Math.max(job.dueAt, Date.now() + Math.random() * wakingMs);
    look();
  }

  function wakeUp() {
    const listeners = new AbortController();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) seen[isIntersecting ? 'add' : 'delete'](target);
        look();
      },
      { rootMargin: '200px' },
    );
    page.addEventListener('visibilitychange', wake, listeners);
    addEventListener('online', wake, listeners);
    addEventListener('pageshow', wake, listeners);
    return { observer, listeners };
  }

  return {
    later<T>(retry: Retry<T>): Promise<T> {
      const { key, dueAt, img, signal } = retry;
      return new Promise<T>((resolve, reject) => {
        const job = jobs.get(key) ?? { dueAt, isSeen: false, waiting: new Map() };
        jobs.set(key, job);
        job.dueAt = Math.max(job.dueAt, dueAt);
        job.waiting.set(retry, resolve as (loading: Promise<unknown>) => void);
        signal.addEventListener('abort', () => {
          job.waiting.delete(retry);
          awake?.observer.unobserve(img);
          reject(signal.reason);
          look();
        });
        awake ??= wakeUp();
        awake.observer.observe(img);
        look();
      });
    },
  };
}
