import type { UploadPhase, UploadProgress } from './upload-options.ts';

export interface ProgressFeed extends AsyncIterable<UploadProgress> {
  readonly latest: UploadProgress;
  /** Whether progress has a listener or a reader. */
  readonly watched: boolean;
  /** See `nextProgress`; reports only changes. */
  push(phase: UploadPhase, sentBytes?: number, isRestart?: boolean): void;
}

/**
 * The progress after a change: phases follow each other in their order and bytes only grow. A new attempt may set both
 * back, and nothing changes after the end.
 */
export function nextProgress(
  latest: UploadProgress,
  phase: UploadPhase,
  sentBytes: number = latest.sentBytes,
  isRestart = false,
): UploadProgress {
  const isLate = phase === 'sending' && latest.phase === 'processing' && !isRestart;
  const bytes = isRestart ? sentBytes : Math.max(sentBytes, latest.sentBytes);
  const isKnown = phase === latest.phase && bytes === latest.sentBytes;
  return isLate || isKnown || isFinal(latest) ? latest : { ...latest, phase, sentBytes: bytes };
}

function isFinal({ phase }: UploadProgress): boolean {
  return /ready|failed|aborted/.test(phase);
}

/** Passes progress to a listener and to any number of readers. A slow reader skips byte counts, never a phase. */
export function createProgressFeed(
  totalBytes: number,
  onProgress: ((progress: UploadProgress) => void) | undefined,
): ProgressFeed {
  let latest: UploadProgress = { phase: 'queued', sentBytes: 0, totalBytes };
  let watched = onProgress !== undefined;
  let wake: () => void;
  let news: Promise<void>;
  const unread = new Set<UploadProgress[]>();
  const wait = (): void => {
    news = new Promise((resolve) => {
      wake = resolve;
    });
  };
  wait();

  async function* read(): AsyncGenerator<UploadProgress, undefined> {
    const queue = [latest];
    unread.add(queue);
    try {
      for (;;) {
        const next = queue.shift();
        if (next === undefined) {
          await news;
        } else {
          yield next;
          if (isFinal(next)) {
            return;
          }
        }
      }
    } finally {
      unread.delete(queue);
    }
  }

  return {
    get latest() {
      return latest;
    },
    get watched() {
      return watched;
    },
    push(phase, sentBytes, isRestart) {
      const next = nextProgress(latest, phase, sentBytes, isRestart);
      if (next === latest) {
        return;
      }
      latest = next;
      for (const queue of unread) {
        if (queue.at(-1)?.phase === phase) {
          queue.pop();
        }
        queue.push(next);
      }
      wake();
      wait();
      try {
        onProgress?.(next);
      } catch (error) {
        // An error that a listener throws is reported as uncaught; it does not fail the upload.
        queueMicrotask(() => {
          throw error;
        });
      }
    },
    [Symbol.asyncIterator]() {
      watched = true;
      return read();
    },
  };
}
