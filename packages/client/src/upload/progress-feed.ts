import type { UploadPhase, UploadProgress } from './upload-options.ts';

export interface ProgressFeed extends AsyncIterable<UploadProgress> {
  readonly latest: UploadProgress;
  /** Whether anybody has asked for progress. */
  readonly watched: boolean;
  /** Does nothing once the feed has ended in `ready`, `failed` or `aborted`. */
  push(progress: UploadProgress): void;
}

/** Passes progress to a listener and to any number of readers. A slow reader skips byte counts, never a phase. */
export function createProgressFeed(onProgress: ((progress: UploadProgress) => void) | undefined): ProgressFeed {
  let latest: UploadProgress = { phase: 'queued', sentBytes: 0, totalBytes: undefined };
  let watched = onProgress !== undefined;
  const readers = new Set<(progress: UploadProgress) => void>();
  return {
    get latest() {
      return latest;
    },
    get watched() {
      return watched;
    },
    push(progress) {
      if (isFinal(latest.phase)) {
        return;
      }
      latest = progress;
      tell(onProgress, progress);
      for (const read of readers) {
        read(progress);
      }
    },
    [Symbol.asyncIterator]() {
      watched = true;
      return read(latest, readers);
    },
  };
}

function read(
  first: UploadProgress,
  readers: Set<(progress: UploadProgress) => void>,
): AsyncIterator<UploadProgress, undefined> {
  const waiting: UploadProgress[] = [first];
  let wake: (() => void) | undefined;
  const reader = (progress: UploadProgress): void => {
    if (waiting.at(-1)?.phase === progress.phase) {
      waiting.pop();
    }
    waiting.push(progress);
    wake?.();
  };
  readers.add(reader);
  return (async function* () {
    try {
      for (;;) {
        const next = waiting.shift();
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        yield next;
        if (isFinal(next.phase)) {
          return undefined;
        }
      }
    } finally {
      readers.delete(reader);
    }
  })();
}

/** A listener that throws is a bug of its own: it is reported as uncaught and does not fail the upload. */
function tell(listener: ((progress: UploadProgress) => void) | undefined, progress: UploadProgress): void {
  try {
    listener?.(progress);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function isFinal(phase: UploadPhase): boolean {
  return phase === 'ready' || phase === 'failed' || phase === 'aborted';
}
