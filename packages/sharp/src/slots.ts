import { TransformError } from '@safelight/core';
import { createTurns } from './turns.ts';

/** Runs a limited number of tasks at once; the others wait. */
export interface Slots {
  /**
   * Runs a task when a slot is free. Rejects with the signal's reason as soon as the signal aborts: a waiting task
   * leaves the queue and never starts; a running task occupies its slot until it ends.
   *
   * @throws {TransformError} `busy` when too many tasks wait, or this one has waited for `maxWaitMs`; it has not begun
   */
  run<T>(task: () => Promise<T>, place: SlotPlace): Promise<T>;
  /** The number of occupied slots. */
  readonly running: number;
  /** The number of waiting tasks. */
  readonly waiting: number;
}

export interface SlotPlace {
  readonly signal: AbortSignal;
  /** Groups get free slots in turn, so that many tasks of one group do not delay the tasks of others. */
  readonly group: string;
}

export interface SlotsOptions {
  /** The number of slots: a whole number, at least 1. */
  readonly size: number;
  /** The largest number of waiting tasks. One group may have a quarter of them. */
  readonly maxWaiting: number;
  /** How long a task may wait, in milliseconds. */
  readonly maxWaitMs: number;
}

const retryAfterMs = 2_000;

export function createSlots({ size, maxWaiting, maxWaitMs }: SlotsOptions): Slots {
  const turns = createTurns<() => void>();
  let running = 0;

  function startNext(): void {
    if (running >= size) return;
    const start = turns.next();
    if (start === undefined) return;
    running += 1;
    start();
  }

  function freeSlot(): void {
    running -= 1;
    startNext();
  }

  function run<T>(task: () => Promise<T>, { signal, group }: SlotPlace): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const isFull = turns.size >= maxWaiting || turns.sizeOf(group) >= Math.ceil(maxWaiting / 4);
      if (running >= size && isFull) return reject(busy());
      const onAbort = () => {
        clearTimeout(timer);
        turns.leave(group, start);
        reject(signal.reason);
      };
      const start = () => {
        clearTimeout(timer);
        // A promise settles only once, so a result after an abort is ignored.
        Promise.resolve()
          .then(task)
          .then(resolve, reject)
          .finally(() => {
            signal.removeEventListener('abort', onAbort);
            freeSlot();
          });
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        turns.leave(group, start);
        reject(busy());
      }, maxWaitMs);
      signal.addEventListener('abort', onAbort, { once: true });
      turns.enter(group, start);
      startNext();
    });
  }

  return {
    run,
    get running() {
      return running;
    },
    get waiting() {
      return turns.size;
    },
  };
}

function busy(): TransformError {
  return new TransformError('busy', 'Too many pictures wait to be made', { retryAfterMs });
}
