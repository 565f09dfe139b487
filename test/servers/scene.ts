import { createSafelight, type Safelight, type SafelightOptions } from '@safelight/express';

export interface Clock {
  (): number;
  /** Moves the clock forward, in milliseconds. */
  pass(ms: number): void;
}

/** A clock that moves only by `pass`. */
export function stoppedClock(): Clock {
  let now = Date.UTC(2026, 0, 1);
  return Object.assign(() => now, {
    pass: (ms: number) => {
      now += ms;
    },
  });
}

export interface Scene {
  readonly clock: Clock;
  readonly safelight: Safelight;
  readonly faults: unknown[];
}

/** A Safelight that says failures in its own words, unless a guard is given another `errors`. */
export function scene(options: SafelightOptions = {}): Scene {
  const clock = stoppedClock();
  const faults: unknown[] = [];
  const created = createSafelight({ clock, timeoutMs: 5000, onError: (error) => faults.push(error), ...options });
  const safelight: Safelight = {
    ...created,
    guard: (handler, route) => created.guard(handler, { errors: 'safelight', ...route }),
    middleware: (route) => created.middleware({ errors: 'safelight', ...route }),
  };
  return { clock, safelight, faults };
}
