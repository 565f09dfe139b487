/** Parts that are being received, by the ID of their upload. */
export interface PartArrivals {
  /** @returns a function to call when the part has come, or will not; further calls do nothing */
  begin(uploadId: string): () => void;
  has(uploadId: string): boolean;
  /** Settles once no part of this upload is on its way. Never rejects. */
  none(uploadId: string): Promise<void>;
}

export function createPartArrivals(): PartArrivals {
  const arriving = new Map<string, { count: number; readonly waiting: (() => void)[] }>();
  return {
    begin(uploadId) {
      const mine = arriving.get(uploadId) ?? { count: 0, waiting: [] };
      mine.count += 1;
      arriving.set(uploadId, mine);
      let isOver = false;
      return function over() {
        if (isOver) return;
        isOver = true;
        mine.count -= 1;
        if (mine.count > 0) return;
        arriving.delete(uploadId);
        for (const done of mine.waiting) done();
      };
    },
    has: (uploadId) => arriving.has(uploadId),
    none: (uploadId) =>
      new Promise((resolve) => {
        const mine = arriving.get(uploadId);
        if (mine === undefined) resolve();
        else mine.waiting.push(resolve);
      }),
  };
}

/** Longer than any pause between two parts, and about as long as a request for the asset waits at most. */
const lingerMs = 5_000;

/** Calls `end` in a while, or as soon as one of `lingering` is called. */
export function linger(lingering: Set<() => void>, end: () => void): void {
  const endNow = (): void => {
    clearTimeout(timer);
    lingering.delete(endNow);
    end();
  };
  const timer = setTimeout(endNow, lingerMs).unref();
  lingering.add(endNow);
}
