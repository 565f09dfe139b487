import type { Ledger } from './ledger.ts';
import type { PendingChanges } from './pending-changes.ts';
import { markKey } from './target.ts';
import { TransformError } from './transform-error.ts';

/** Tells all processes that share a store that the first original of an asset is on its way. */
export interface Announcements {
  /** See `Guard.announce`. */
  begin(asset: string): Promise<void>;
  /**
   * Ends an announcement before the mark of the change is written. Otherwise its last write could arrive after that mark.
   * Resolves at once if there is none. Never rejects.
   */
  stop(asset: string): Promise<void>;
}

export interface AnnouncementsOptions {
  readonly ledger: Ledger;
  readonly pending: PendingChanges;
}

/** A pending mark is written again after this time. It lives three times as long (`pendingMarkTtlMs`). */
const beatMs = 10_000;
const retryAfterMs = 1000;

interface Announcement {
  /** Whether the store has confirmed the latest write. */
  writing: Promise<boolean>;
  readonly begun: Promise<void>;
  readonly timer: NodeJS.Timeout;
}

/**
 * Writes a pending mark for an asset, and a fresh one at intervals. While an asset has such a mark, nothing is recorded for
 * it, and requests that do not find the original wait. If the upload fails, a mark of a change ends the waiting.
 */
export function createAnnouncements({ ledger, pending }: AnnouncementsOptions): Announcements {
  const running = new Map<string, Announcement>();

  async function stop(key: string): Promise<boolean> {
    const announcement = running.get(key);
    if (announcement === undefined) return false;
    running.delete(key);
    clearInterval(announcement.timer);
    await announcement.writing;
    return true;
  }

  function announce(key: string, ended: Promise<void>): Announcement {
    const writing = ledger.announce(key);
    const timer = setInterval(() => {
      announcement.writing = announcement.writing.then(() => running.has(key) && ledger.announce(key));
    }, beatMs);
    timer.unref();
    const begun = writing.then(async (isConfirmed) => {
      if (isConfirmed) return;
      await stop(key);
      throw new TransformError(
        'store_unavailable',
        'The store did not confirm that an original is on its way. Nothing was changed. Try again.',
        { retryAfterMs },
      );
    });
    const announcement: Announcement = { writing, begun, timer };
    void ended.then(async () => {
      // The upload has failed: `changed` stops the announcement of one that succeeds.
      if (running.get(key) === announcement && (await stop(key))) await ledger.renew(key);
    });
    return announcement;
  }

  return {
    async begin(asset) {
      const key = markKey(asset);
      const ended = ledger.shared === undefined ? undefined : pending.ended(key);
      if (ended === undefined) return;
      const announcement = running.get(key) ?? announce(key, ended);
      running.set(key, announcement);
      await announcement.begun;
    },
    async stop(asset) {
      await stop(markKey(asset));
    },
  };
}
