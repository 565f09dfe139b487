import { type RunClients, TransformError } from '@safelight/core';
import { type Client, createClientTurns } from './client-turns.ts';

/** Runs a limited number of tasks at once; the others wait. */
export interface Slots {
  /**
   * Runs a task when a slot is free. Rejects with the signal's reason as soon as the signal aborts: a waiting task
   * leaves the queue and never starts; a running task occupies its slot until it ends.
   *
   * @throws {TransformError} `busy` when too many tasks wait and this one must give way, or when it has waited for
   *   `maxWaitMs`; it has not begun
   */
  run<T>(task: () => Promise<T>, place: SlotPlace): Promise<T>;
  /** The number of occupied slots. */
  readonly running: number;
  /** The number of waiting tasks. */
  readonly waiting: number;
}

export interface SlotPlace {
  readonly signal: AbortSignal;
  /** Groups of a client get free slots in turn, so that many tasks of one group do not delay the tasks of others. */
  readonly group: string;
  /**
   * Clients get free slots in turn. A task that several clients wait for starts at the first turn of one of them.
   * @default no client waits. Such tasks get their turns like those of one more client
   */
  readonly clients?: RunClients | undefined;
}

export interface SlotsOptions {
  /** The number of slots: a whole number, at least 1. */
  readonly size: number;
  /** The largest number of waiting tasks. When there are more, one of the client with the most tasks gives way. */
  readonly maxWaiting: number;
  /** How long a task may wait, in milliseconds. */
  readonly maxWaitMs: number;
}

/** A task that waits for a slot. */
interface Waiting {
  /** Called when it has left the turns. */
  start(): void;
  /** Called when it has left the turns: it is `busy`. */
  refuse(): void;
}

const retryAfterMs = 2_000;

export function createSlots({ size, maxWaiting, maxWaitMs }: SlotsOptions): Slots {
  const turns = createClientTurns<Waiting>();
  let running = 0;

  function startNext(): void {
    if (running >= size) return;
    const next = turns.next();
    if (next === undefined) return;
    running += 1;
    next.start();
  }

  function freeSlot(): void {
    running -= 1;
    startNext();
  }

  function run<T>(task: () => Promise<T>, { signal, group, clients }: SlotPlace): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let isWaiting = true;
      const endWait = () => {
        isWaiting = false;
        clearTimeout(timer);
      };
      const onAbort = () => {
        endWait();
        turns.leave(waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        start() {
          endWait();
          // A promise settles only once, so a result after an abort is ignored.
          Promise.resolve()
            .then(task)
            .then(resolve, reject)
            .finally(() => {
              signal.removeEventListener('abort', onAbort);
              freeSlot();
            });
        },
        refuse() {
          endWait();
          signal.removeEventListener('abort', onAbort);
          reject(busy());
        },
      };
      const timer = setTimeout(() => {
        turns.leave(waiting);
        waiting.refuse();
      }, maxWaitMs);
      signal.addEventListener('abort', onAbort, { once: true });
      let first: Client;
      clients?.each((client) => {
        first ??= client;
        // A client that joins a task after its start has nothing to wait for.
        if (isWaiting) turns.enter(waiting, group, client);
      });
      if (first === undefined) turns.enter(waiting, group, undefined);
      startNext();
      if (isWaiting && turns.size > maxWaiting) turns.giveWay(first)?.refuse();
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
