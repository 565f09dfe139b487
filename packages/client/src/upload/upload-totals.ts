import type { UploadBody, UploadOptions, UploadPhase, UploadProgress } from './upload-options.ts';

/** The progress of several uploads together. */
export interface UploadTotals {
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** The number of uploads. */
  readonly count: number;
  /** The number of uploads in each phase. */
  readonly phases: Readonly<Record<UploadPhase, number>>;
}

/**
 * Adds up the latest progress of several uploads.
 * @example
 * uploadTotals([{ phase: 'sending', sentBytes: 2, totalBytes: 5 }]).sentBytes; // 2
 */
export function uploadTotals(all: Iterable<Pick<UploadProgress, 'phase' | 'sentBytes' | 'totalBytes'>>): UploadTotals {
  const phases = { queued: 0, sending: 0, offline: 0, processing: 0, ready: 0, failed: 0, aborted: 0 };
  let [sentBytes, totalBytes, count] = [0, 0, 0];
  for (const progress of all) {
    phases[progress.phase] += 1;
    sentBytes += progress.sentBytes;
    totalBytes += progress.totalBytes;
    count += 1;
  }
  return { sentBytes, totalBytes, count, phases };
}

/** Adds a listener to the options of each upload that reports the totals of all. A task's `retry()` counts in place of the task. */
export function withTotals<Body extends UploadBody>(
  uploads: readonly (readonly [Body, UploadOptions | undefined])[],
  onTotals: (totals: UploadTotals) => void,
): readonly (readonly [Body, UploadOptions])[] {
  const latest: Pick<UploadProgress, 'phase' | 'sentBytes' | 'totalBytes'>[] = uploads.map(([body]) => ({
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
