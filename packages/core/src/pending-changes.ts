/** The assets for which an original is being uploaded to this process now. */
export interface PendingChanges {
  /** @returns a function that ends the pending state; call it once, after the upload was confirmed or has failed */
  begin(asset: string): () => void;
  /** Whether an upload of one of these assets is pending. */
  has(assets: readonly string[]): boolean;
  /** The pending assets. A check of `assets.size` before a call of `has` saves time. */
  readonly assets: ReadonlyMap<string, unknown>;
  /** Resolves when the pending state of this asset has ended. @returns `undefined` when no upload of it is pending */
  ended(asset: string): Promise<void> | undefined;
  /**
   * Resolves when the pending state of one of these assets has ended, or when the request must not wait any longer.
   * Never rejects.
   * @returns `undefined` when no upload is pending, or the request must not wait
   */
  whenEnded(assets: readonly string[], patience: Patience): Promise<void> | undefined;
}

/** How long one request may wait for uploads, in total: at each step, and in each run that the request begins. */
export interface Patience {
  /** Epoch milliseconds. Set to 0 when the time has passed, so that the request does not wait again. */
  endsAt: number;
}

interface Pending {
  /** How many uploads of the asset have begun and not ended. */
  changes: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export interface PendingChangesOptions {
  /** The longest wait of one request, in milliseconds. */
  readonly maxWaitMs: number;
  readonly clock: () => number;
}

export function createPendingChanges({ maxWaitMs, clock }: PendingChangesOptions): PendingChanges {
  const pending = new Map<string, Pending>();

  return {
    begin(asset) {
      const entry = pending.get(asset) ?? newPending();
      entry.changes += 1;
      pending.set(asset, entry);
      let hasEnded = false;
      return function end() {
        if (hasEnded) return;
        hasEnded = true;
        entry.changes -= 1;
        if (entry.changes > 0) return;
        pending.delete(asset);
        entry.end();
      };
    },
    has: (assets) => pending.size > 0 && assets.some((asset) => pending.has(asset)),
    assets: pending,
    ended: (asset) => pending.get(asset)?.ended,
    whenEnded(assets, patience) {
      if (pending.size === 0) return undefined;
      const first = assets.map((asset) => pending.get(asset)).find((entry) => entry !== undefined);
      // A clock that is set back must not make a request wait longer.
      const waitMs = Math.min(patience.endsAt - clock(), maxWaitMs);
      return first === undefined || waitMs <= 0 ? undefined : endedWithin(first, waitMs, patience);
    },
  };
}

function newPending(): Pending {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { changes: 0, ended: promise, end: resolve };
}

function endedWithin({ ended }: Pending, waitMs: number, patience: Patience): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      patience.endsAt = 0;
      resolve();
    }, waitMs);
    ended.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
