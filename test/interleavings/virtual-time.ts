import type { Scheduler } from 'fast-check';

/** Replaces the timers of this process, so that the schedule decides when time passes. */
export interface VirtualTime {
  /** Epoch milliseconds. */
  now(): number;
  /** Moves the clock. The timers that end meanwhile call their functions, each at its time. */
  advance(ms: number): void;
  /**
   * Takes the steps of the schedule until the promise has settled and no step is left. When there is no other step, a parked
   * one continues. When there is none, the clock moves to the next timer.
   * @throws when there is no timer either, or when the promise has not settled after very many timers: a request never ends
   */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Waits until nothing else can happen. So one step comes after all others. */
  park(): Promise<void>;
  /** Brings the timers of Node back. */
  restore(): void;
}

export interface VirtualTimeOptions {
  readonly scheduler: Scheduler;
  /**
   * Whether a call of the store may take longer than its limit. If not, a short timer ends before a longer one only when
   * there is no other step.
   */
  readonly mayStall: boolean;
}

interface Timer {
  readonly at: number;
  readonly call: () => void;
  readonly isShort: boolean;
  unref(): Timer;
}

/** The timer of a process that polls. The scheduler chooses when it ends. */
const longestPollMs = 200;
const maxIdleSteps = 1000;

export function virtualTime({ scheduler, mayStall }: VirtualTimeOptions): VirtualTime {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const timers = new Set<Timer>();
  const parked: (() => void)[] = [];
  /** The number of short timers among the steps. */
  let polls = 0;
  let now = 1_800_000_000_000;

  function nextTimer(kind: (timer: Timer) => boolean = () => true): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) if (kind(timer) && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }

  function reach(instant: number): void {
    for (let timer = nextTimer(); timer !== undefined && timer.at <= instant; timer = nextTimer()) {
      timers.delete(timer);
      now = Math.max(now, timer.at);
      timer.call();
    }
    now = Math.max(now, instant);
  }

  /** Lets the scheduler choose when a process polls again. */
  async function poll(timer: Timer): Promise<void> {
    for (;;) {
      polls += 1;
      await scheduler.schedule(Promise.resolve(), 'a timer');
      polls -= 1;
      if (!timers.has(timer)) return;
      const long = nextTimer(({ isShort }) => !isShort);
      if (mayStall || long === undefined || long.at > timer.at) return reach(timer.at);
      if (scheduler.count() > polls) continue;
      const next = parked.shift();
      if (next === undefined) return reach(timer.at);
      next();
    }
  }

  function setVirtualTimeout(call: () => void, ms = 0): Timer {
    const timer: Timer = { at: now + ms, call, isShort: ms <= longestPollMs, unref: () => timer };
    timers.add(timer);
    if (timer.isShort) void poll(timer);
    return timer;
  }

  function setVirtualInterval(call: () => void, ms: number): { timer: Timer; unref(): void } {
    const interval = { timer: setVirtualTimeout(beat, ms), unref: () => {} };
    function beat(): void {
      interval.timer = setVirtualTimeout(beat, ms);
      call();
    }
    return interval;
  }

  Object.assign(globalThis, {
    setTimeout: setVirtualTimeout,
    clearTimeout: (timer: Timer) => timers.delete(timer),
    setInterval: setVirtualInterval,
    clearInterval: ({ timer }: { readonly timer: Timer }) => timers.delete(timer),
  });

  return {
    now: () => now,
    advance: (ms) => reach(now + ms),
    async until(promise) {
      let hasSettled = false;
      const settles = () => {
        hasSettled = true;
      };
      promise.then(settles, settles);
      for (let step = 0; ; step += 1) {
        await scheduler.waitIdle();
        // The scheduler waits for a certain number of promises only.
        await new Promise((resolve) => setImmediate(resolve));
        if (scheduler.count() > 0) continue;
        const nextParked = parked.shift();
        if (nextParked !== undefined) {
          nextParked();
          continue;
        }
        if (hasSettled) return promise;
        const timer = nextTimer();
        if (timer === undefined) throw new Error('A request waits, and nothing can end its wait.');
        if (step === maxIdleSteps) throw new Error('A request does not end.');
        reach(timer.at);
      }
    },
    park: () => new Promise((resolve) => parked.push(resolve)),
    restore() {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    },
  };
}
