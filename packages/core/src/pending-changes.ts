/** The assets for which this process is receiving an original right now. */
export interface PendingChanges {
  /** @returns a function that ends the pending state; call it once, after the change was confirmed or given up */
  begin(asset: string): () => void;
  has(assets: readonly string[]): boolean;
  /** The assets in question; mostly none. */
  readonly assets: ReadonlyMap<string, unknown>;
  /**
   * Settles when a pending change of one of these assets has ended, or when the request may not wait any longer.
   * `undefined` when no change is pending, or the request may not wait. Never rejects.
   */
  of(assets: readonly string[], patience: Patience): Promise<void> | undefined;
}

/** How long one request may still wait: one limit for all its waits, also when a run waits on its behalf. */
export interface Patience {
  /** Epoch milliseconds. */
  endsAt: number;
}

interface Pending {
  changes: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export interface PendingChangesOptions {
  readonly maxWaitMs: number;
  readonly clock: () => number;
}

export function createPendingChanges({ maxWaitMs, clock }: PendingChangesOptions): PendingChanges {
  const pending = new Map<string, Pending>();

  return {
    begin(asset) {
      const mine = pending.get(asset) ?? opened();
      mine.changes += 1;
      pending.set(asset, mine);
      let isOver = false;
      return function over() {
        if (isOver) return;
        isOver = true;
        mine.changes -= 1;
        if (mine.changes > 0) return;
        pending.delete(asset);
        mine.end();
      };
    },
    has: (assets) => pending.size > 0 && assets.some((asset) => pending.has(asset)),
    assets: pending,
    of(assets, patience) {
      if (pending.size === 0) return undefined;
      const first = assets.map((asset) => pending.get(asset)).find((one) => one !== undefined);
      // A clock that is set back must not make a request wait longer.
      const leftMs = Math.min(patience.endsAt - clock(), maxWaitMs);
      return first === undefined || leftMs <= 0 ? undefined : endOf(first, leftMs, patience);
    },
  };
}

function opened(): Pending {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { changes: 0, ended: promise, end: resolve };
}

function endOf({ ended }: Pending, leftMs: number, patience: Patience): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      patience.endsAt = 0;
      resolve();
    }, leftMs);
    ended.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
