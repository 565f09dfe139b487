/** Parts that are being received, by the ID of their upload. */
export interface PartArrivals {
  /** @returns a function to call when the part was received, or has failed; further calls do nothing */
  begin(uploadId: string): () => void;
  has(uploadId: string): boolean;
  /** Resolves once no part of this upload is being received. Never rejects. */
  none(uploadId: string): Promise<void>;
}

export function createPartArrivals(): PartArrivals {
  const arriving = new Map<string, { count: number; readonly waiting: (() => void)[] }>();
  return {
    begin(uploadId) {
      const parts = arriving.get(uploadId) ?? { count: 0, waiting: [] };
      parts.count += 1;
      arriving.set(uploadId, parts);
      let isOver = false;
      return function over() {
        if (isOver) return;
        isOver = true;
        parts.count -= 1;
        if (parts.count > 0) return;
        arriving.delete(uploadId);
        for (const done of parts.waiting) done();
      };
    },
    has: (uploadId) => arriving.has(uploadId),
    none: (uploadId) =>
      new Promise((resolve) => {
        const parts = arriving.get(uploadId);
        if (parts === undefined) resolve();
        else parts.waiting.push(resolve);
      }),
  };
}

/** Longer than the usual pause between two parts, and as long as a request waits by default (`maxPendingMs`). */
const lingerMs = 5_000;

/** Calls `end` once: after `lingerMs`, or earlier, when the function that it adds to `lingering` is called. */
export function linger(lingering: Set<() => void>, end: () => void): void {
  const endNow = (): void => {
    clearTimeout(timer);
    lingering.delete(endNow);
    end();
  };
  const timer = setTimeout(endNow, lingerMs).unref();
  lingering.add(endNow);
}
