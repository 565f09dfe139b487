/** Parts that are being received, by the key of their upload. */
export interface PartArrivals {
  /** @returns a function to call when the part was received, or has failed; further calls do nothing */
  begin(key: string): () => void;
  has(key: string): boolean;
  /** Resolves once no part of this upload is being received. Never rejects. */
  none(key: string): Promise<void>;
}

export function createPartArrivals(): PartArrivals {
  const arriving = new Map<string, { count: number; readonly waiting: (() => void)[] }>();
  return {
    begin(key) {
      const parts = arriving.get(key) ?? { count: 0, waiting: [] };
      parts.count += 1;
      arriving.set(key, parts);
      let isOver = false;
      return function over() {
        if (isOver) return;
        isOver = true;
        parts.count -= 1;
        if (parts.count > 0) return;
        arriving.delete(key);
        for (const done of parts.waiting) done();
      };
    },
    has: (key) => arriving.has(key),
    none: (key) =>
      new Promise((resolve) => {
        const parts = arriving.get(key);
        if (parts === undefined) resolve();
        else parts.waiting.push(resolve);
      }),
  };
}

/** Requests that wait for the asset of a part that has been responded to: more parts will come. */
export interface Lingering {
  /** Calls `end` once: after some seconds, or earlier by `endAll`. */
  add(upload: string, end: () => void): void;
  /** Ends the waiting for an upload. */
  endAll(upload: string): void;
}

/** Longer than the usual pause between two parts, and as long as a request waits by default (`maxPendingMs`). */
const lingerMs = 5_000;

export function createLingering(): Lingering {
  const waiting = new Map<string, Set<() => void>>();
  return {
    add(upload, end) {
      const ends = waiting.get(upload) ?? new Set();
      waiting.set(upload, ends);
      const endNow = (): void => {
        clearTimeout(timer);
        ends.delete(endNow);
        if (ends.size === 0 && waiting.get(upload) === ends) waiting.delete(upload);
        end();
      };
      const timer = setTimeout(endNow, lingerMs).unref();
      ends.add(endNow);
    },
    endAll(upload) {
      for (const endNow of waiting.get(upload) ?? []) endNow();
    },
  };
}
