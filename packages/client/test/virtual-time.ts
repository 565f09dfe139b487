import { setImmediate as turn } from 'node:timers/promises';

interface Sleeper {
  readonly at: number;
  readonly events: readonly string[];
  end(): void;
}

export interface VirtualTime {
  readonly now: number;
  /** The number of pauses that have not ended. */
  readonly sleepers: number;
  readonly pause: (ms: number, signal: AbortSignal, ...events: readonly string[]) => Promise<void>;
  /** Moves the clock, and ends all pauses until then in their order. */
  pass(ms: number): Promise<void>;
  fire(event: string): Promise<void>;
}

/** Waits some turns of the event loop, in which the code after a pause can run; it may wait for turns itself. */
async function settled(): Promise<void> {
  for (let count = 0; count < 4; count++) {
    await turn();
  }
}

/** A clock that only the test moves. */
export function createVirtualTime(): VirtualTime {
  let now = 0;
  const sleepers = new Set<Sleeper>();
  return {
    get now() {
      return now;
    },
    get sleepers() {
      return sleepers.size;
    },
    pause: (ms, signal, ...events) =>
      new Promise((resolve, reject) => {
        const sleeper: Sleeper = {
          at: now + ms,
          events,
          end: () => {
            sleepers.delete(sleeper);
            if (signal.aborted) {
              reject(signal.reason);
            } else {
              resolve();
            }
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.end, { once: true });
        if (signal.aborted) {
          sleeper.end();
        }
      }),
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        await settled();
        const [next] = [...sleepers].sort((a, b) => a.at - b.at);
        if (next === undefined || next.at > until) {
          break;
        }
        now = next.at;
        next.end();
      }
      now = until;
    },
    async fire(event) {
      for (const sleeper of sleepers) {
        if (sleeper.events.includes(event)) {
          sleeper.end();
        }
      }
      await settled();
    },
  };
}
