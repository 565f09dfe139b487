import type { UploadBody, UploadOptions, UploadProgress } from './upload-options.ts';

/**
 * Counts of several uploads. Bytes are only those of uploads that run or are ready, so that `sentBytes` can reach
 * `totalBytes`.
 */
export interface UploadTotals {
  /** Uploads before their end: queued ones, too. */
  readonly running: number;
  readonly ready: number;
  readonly failed: number;
  readonly aborted: number;
  readonly sentBytes: number;
  readonly totalBytes: number;
}

type Counted = Pick<UploadProgress, 'phase' | 'sentBytes' | 'totalBytes'>;

/**
 * Adds up the latest progress of several uploads.
 * @example
 * uploadTotals([{ phase: 'sending', sentBytes: 2, totalBytes: 5 }]).running; // 1
 */
export function uploadTotals(all: Iterable<Counted>): UploadTotals {
  const totals = { running: 0, ready: 0, failed: 0, aborted: 0, sentBytes: 0, totalBytes: 0 };
  for (const { phase, sentBytes, totalBytes } of all) {
    if (phase === 'failed' || phase === 'aborted') {
      totals[phase] += 1;
    } else {
      totals[phase === 'ready' ? phase : 'running'] += 1;
      totals.sentBytes += sentBytes;
      totals.totalBytes += totalBytes;
    }
  }
  return totals;
}

/**
 * Adds a listener to the options of each upload that reports the totals of all. A task's `retry()` counts in place of
 * the task.
 */
export function withTotals<Body extends UploadBody>(
  uploads: readonly (readonly [Body, UploadOptions | undefined])[],
  onTotals: (totals: UploadTotals) => void,
): readonly (readonly [Body, UploadOptions])[] {
  const latest: Counted[] = uploads.map(([body]) => ({
    phase: 'queued',
    sentBytes: 0,
    totalBytes: (body as Partial<Blob>).size ?? (body as Partial<ArrayBuffer>).byteLength ?? 0,
  }));
  return uploads.map(([body, options], index) => [
    body,
    {
      ...options,
      onProgress: (progress) => {
        latest[index] = progress;
        options?.onProgress?.(progress);
        onTotals(uploadTotals(latest));
      },
    },
  ]);
}
