import type { Announcements } from './announcements.ts';
import type { Ledger, Mark } from './ledger.ts';
import { markKey } from './target.ts';
import { TransformError } from './transform-error.ts';

export interface RenewalOptions {
  readonly ledger: Ledger;
  readonly announcements: Announcements;
  /** Called with each new mark that the store has confirmed, and with its key. */
  readonly onRenewed: (key: string, mark: Mark) => void;
  readonly onError: (error: unknown) => void;
}

const firstRetryMs = 1000;
const maxRetryMs = 30_000;
const maxRetries = 40;

/**
 * Creates the function `Guard.changed`. The function writes a new mark for an asset, and resolves when the store has
 * confirmed the write. Without a confirmation, the function rejects and the write is repeated in the background,
 * because the new original may already be visible.
 */
export function createRenewal({
  ledger,
  announcements,
  onRenewed,
  onError,
}: RenewalOptions): (asset: string) => Promise<void> {
  const retrying = new Set<string>();

  async function renew(key: string): Promise<boolean> {
    const mark = await ledger.renew(key);
    if (mark !== undefined) onRenewed(key, mark);
    return mark !== undefined;
  }

  function retryLater(key: string, retry: number): void {
    if (retry > maxRetries) {
      retrying.delete(key);
      return;
    }
    const timer = setTimeout(
      async () => {
        if (await renew(key)) retrying.delete(key);
        else retryLater(key, retry + 1);
      },
      Math.min(maxRetryMs, firstRetryMs * 2 ** retry),
    );
    timer.unref();
  }

  return async function changed(asset) {
    await announcements.stop(asset);
    const key = markKey(asset);
    if (await renew(key)) return;
    if (!retrying.has(key)) {
      retrying.add(key);
      retryLater(key, 0);
    }
    const error = new TransformError(
      'store_unavailable',
      'The asset has changed, but the store did not confirm that earlier failures are invalid now. Try again.',
      { retryAfterMs: firstRetryMs },
    );
    onError(error);
    throw error;
  };
}
