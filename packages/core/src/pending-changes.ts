/** Assets whose original is arriving in this process right now. */
export interface PendingChanges {
  /** @returns what ends it, to be called once, after the change was confirmed or given up */
  begin(asset: string): () => void;
  has(assets: readonly string[]): boolean;
  /** The assets in question; mostly none. */
  readonly assets: ReadonlyMap<string, unknown>;
  /**
   * Settles when a change that is under way for one of these assets has ended, or the patience has. `undefined` when none
   * is under way, or no patience is left. Never rejects.
   */
  of(assets: readonly string[], patience: Patience): Promise<void> | undefined;
}

/** How long one request still waits: so long in all, whatever it waits for and whoever waits for it. */
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
      // A clock that is set back makes nobody wait longer.
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
