import { nextTask, spacingMs } from './retry-plan.ts';

/** The element and the run that need the work. */
export interface Requester {
  /** The work does not start while the element is more than 200 px outside of the window. */
  readonly img: Element;
  /** The scheduler aborts it when the element was removed from the page. */
  readonly run: AbortController;
}

/**
 * Calls `work` later, once for all callers that wait with the same key at that time.
 * @returns the result of that one call; rejects when the run is aborted
 */
export type DoLater = <T>(requester: Requester, key: string, inMs: number, work: () => Promise<T>) => Promise<T>;

interface WaitingTask extends Requester {
  readonly key: string;
  /** The earliest start, in epoch milliseconds. */
  dueAt: number;
  /** Whether the element is in the window, or less than 200 px outside of it. */
  isSeen: boolean;
  wasInPage: boolean;
  readonly work: () => Promise<unknown>;
  readonly settle: (result: Promise<unknown>) => void;
}

const wakingMs = 1_000;

/**
 * Creates a scheduler with one timer, one observer and a few listeners. While no caller waits, it has none of these.
 * @param concurrency - the maximum number of calls that run at the same time
 * @param mayStart - whether a call can start at present; a scheduler looks again when the page becomes visible or online
 */
export function createScheduler(concurrency: number, mayStart: () => boolean): DoLater {
  const waiting = new Set<WaitingTask>();
  let running = 0;
  let freeAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let listening: AbortController | undefined;
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        for (const task of waiting) if (task.img === target) task.isSeen = isIntersecting;
      }
      startDue();
    },
    { rootMargin: '200px' },
  );

  function startDue(): void {
    for (const task of waiting) {
      if (task.img.isConnected) task.wasInPage = true;
      else if (task.wasInPage) task.run.abort();
    }
    clearTimeout(timer);
    if (waiting.size === 0) {
      observer.disconnect();
      listening?.abort();
      listening = undefined;
    }
    const next = mayStart() && nextTask(waiting, { now: Date.now(), free: concurrency - running, freeAt });
    if (!next) return;
    if (next.inMs > 0) {
      timer = setTimeout(startDue, next.inMs);
      return;
    }
    running++;
    freeAt = Date.now() + spacingMs;
    const result = next.task.work().finally(() => {
      running--;
      startDue();
    });
    for (const task of waiting) {
      if (task.key !== next.task.key) continue;
      waiting.delete(task);
      task.settle(result);
    }
    startDue();
  }

  /** Spreads the tasks that became due in the meantime, so that they do not start all at once. */
  function wake(): void {
    for (const task of waiting) task.dueAt = Math.max(task.dueAt, Date.now() + Math.random() * wakingMs);
    startDue();
  }

  return ({ img, run }, key, inMs, work) =>
    new Promise((resolve, reject) => {
      const { signal } = run;
      signal.throwIfAborted();
      const settle = resolve as WaitingTask['settle'];
      const task = { img, run, key, dueAt: Date.now() + inMs, isSeen: false, wasInPage: false, work, settle };
      waiting.add(task);
      signal.addEventListener('abort', () => {
        waiting.delete(task);
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

/** Calls `wake` whenever the page may start tasks again, until the signal is aborted. */
function onWaking(wake: () => void, signal: AbortSignal): void {
  for (const type of ['visibilitychange', 'online', 'pageshow']) {
    addEventListener(type, wake, { capture: true, signal });
  }
}
