'use client';
import { useState } from 'react';
import type { UploadBody, UploadOptions, UploadPhase } from '../upload/upload-options.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import type { UploadClient, UploadItem } from './upload-list.ts';
import { type UseUploadOptions, useUploadList } from './use-upload-list.ts';

/** The upload of `useUpload()`. Its functions stay the same in all renders of the component. */
export interface SingleUpload<Body extends UploadBody = File> extends Pick<UploadItem, 'progress' | 'error'> {
  /** `idle` before the first upload and after `reset()`. */
  readonly phase: UploadPhase | 'idle';
  readonly file: Body | undefined;
  /** Set exactly when the phase is `ready`. */
  readonly asset: UploadedAsset | undefined;
  readonly task: UploadTask | undefined;
  /**
   * Uploads a file. An earlier upload that has not ended is aborted. Without a file it has no effect, so that it can be
   * called with `event.target.files?.[0]`.
   * @throws {TypeError} when an option does not exist or cannot be used
   */
  readonly start: (file: Body | null | undefined, options?: UploadOptions) => UploadTask | undefined;
  /** Uploads the file again after `failed` or `aborted`. In other phases it has no effect. */
  readonly retry: () => void;
  readonly abort: () => void;
  /** Aborts the upload before its end, and returns to `idle`. */
  readonly reset: () => void;
}

const idle = {
  phase: 'idle',
  progress: { sentBytes: 0, totalBytes: 0 },
  file: undefined,
  asset: undefined,
  error: undefined,
  task: undefined,
} as const;

/**
 * One upload at a time, as the state of a component. The upload is aborted when the component is removed, but not by
 * StrictMode or a hidden `<Activity>`.
 * @param client - the result of `createClient()`, which is called outside of components
 * @throws {TypeError} when an option does not exist or cannot be used
 * @example
 * import { createClient } from '@safelight/client';
 * const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo', uploadPreset: 'web' });
 * function useAvatarUpload() {
 *   const { start, phase, progress, asset, error, retry } = useUpload(client);
 *   // In JSX: <input type="file" onChange={({ target }) => start(target.files?.[0])} />
 *   return { start, phase, progress, asset, error, retry };
 * }
 */
export function useUpload<Body extends UploadBody = File>(
  client: UploadClient,
  options: UseUploadOptions = {},
): SingleUpload<Body> {
  const [list, items] = useUploadList<Body>('useUpload()', client, options);
  const [actions] = useState(() => {
    const current = () => list.items().at(-1);
    return {
      start(file: Body | null | undefined, uploadOptions: UploadOptions = {}): UploadTask | undefined {
        if (!file) return undefined;
        const earlier = list.items();
        const [task] = list.add([file], () => uploadOptions);
        for (const { remove } of earlier) remove();
        return task;
      },
      retry: () => current()?.retry(),
      abort: () => current()?.abort(),
      reset: () => current()?.remove(),
    };
  });
  const { phase, progress, file, asset, error, task } = items.at(-1) ?? idle;
  return { phase, progress, file, asset, error, task, ...actions };
}
