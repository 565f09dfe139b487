import type { UploadPhase, UploadProgress } from './upload-options.ts';

export interface ProgressFeed extends AsyncIterable<UploadProgress> {
  readonly latest: UploadProgress;
  /** Whether progress has a listener or a reader. */
  readonly watched: boolean;
  /** Reports the first phase. */
  begin(): void;
  /** Reports a change; does nothing when `nextProgress` finds no change. */
  push(phase: UploadPhase, sentBytes?: number, isRestart?: boolean): void;
}

/**
 * The progress after a change. Phases follow each other in their order, and the number of bytes only grows. A new attempt
 * (`isRestart`) may set both back. After a final phase nothing changes.
 */
export function nextProgress(
  latest: UploadProgress,
  phase: UploadPhase,
  sentBytes: number = latest.sentBytes,
  isRestart = false,
): UploadProgress {
  const isLate = /sending|offline/.test(phase) && latest.phase === 'processing' && !isRestart;
  const bytes = isRestart ? sentBytes : Math.max(sentBytes, latest.sentBytes);
  const isSame = phase === latest.phase && bytes === latest.sentBytes;
  return isLate || isSame || isFinal(latest) ? latest : { ...latest, phase, sentBytes: bytes };
}

function isFinal({ phase }: UploadProgress): boolean {
  return /ready|failed|aborted/.test(phase);
}

/** Passes progress to a listener and to any number of readers. A slow reader may miss byte counts, but no phase. */
export function createProgressFeed(
  file: Blob,
  onProgress: ((progress: UploadProgress) => void) | undefined,
): ProgressFeed {
  let latest: UploadProgress = { phase: 'queued', sentBytes: 0, totalBytes: file.size, file };
  let watched = onProgress !== undefined;
  let reportChange: () => void;
  let nextChange: Promise<void>;
  /** The unread progress of each reader. */
  const queues = new Set<UploadProgress[]>();
  const expectChange = (): void => {
    nextChange = new Promise((resolve) => {
      reportChange = resolve;
    });
  };
  expectChange();

  async function* read(): AsyncGenerator<UploadProgress, undefined> {
    const queue = [latest];
    queues.add(queue);
    try {
      for (;;) {
        const next = queue.shift();
        if (next === undefined) {
          await nextChange;
        } else {
          yield next;
          if (isFinal(next)) {
            return;
          }
        }
      }
    } finally {
      queues.delete(queue);
    }
  }

  function tell(): void {
    try {
      onProgress?.(latest);
    } catch (error) {
      // The error of a listener is reported as uncaught; the upload continues.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  return {
    begin: tell,
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
      for (const queue of queues) {
        if (queue.at(-1)?.phase === phase) {
          queue.pop();
        }
        queue.push(next);
      }
      reportChange();
      expectChange();
      tell();
    },
    [Symbol.asyncIterator]() {
      watched = true;
      return read();
    },
  };
}
