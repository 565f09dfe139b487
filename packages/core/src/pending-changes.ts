/** Assets whose original is arriving in this process right now. */
export interface PendingChanges {
  /** @returns what ends it, to be called once, after the change was confirmed or given up */
  begin(asset: string): () => void;
  has(assets: readonly string[]): boolean;
  /**
   * Settles when a change that is under way for one of these assets has ended, or the longest wait is over.
   * `undefined` when none is under way. Never rejects.
   */
  of(assets: readonly string[]): Promise<void> | undefined;
}

interface Pending {
  changes: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export function createPendingChanges({ maxWaitMs }: { readonly maxWaitMs: number }): PendingChanges {
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
    of(assets) {
      const first = assets.map((asset) => pending.get(asset)).find((one) => one !== undefined);
      return first === undefined ? undefined : within(maxWaitMs, first.ended);
    },
  };
}

function opened(): Pending {
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { changes: 0, ended, end };
}

function within(ms: number, ended: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    ended.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
