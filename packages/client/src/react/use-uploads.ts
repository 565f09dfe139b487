'use client';
import { useMemo, useState } from 'react';
import type { UploadAllOptions, UploadBody } from '../upload/upload-options.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import { type UploadTotals, uploadTotals } from '../upload/upload-totals.ts';
import type { UploadClient, UploadItem } from './upload-list.ts';
import { type UseUploadOptions, useUploadList } from './use-upload-list.ts';

/** The uploads of `useUploads()`. */
export interface Uploads<Body extends UploadBody = File> {
  /** In the order in which they were added. */
  readonly items: readonly UploadItem<Body>[];
  readonly totals: UploadTotals;
  /**
   * Uploads files. The list of files is read at once, so an `<input>` can be emptied after the call. The function stays
   * the same in all renders of the component.
   * @param options - for all files, or a function that returns the options of each file
   * @throws {TypeError} when an option does not exist or cannot be used; no file is sent before this check
   */
  readonly add: (files: Iterable<Body> | ArrayLike<Body>, options?: UploadAllOptions<Body>) => readonly UploadTask[];
}

/**
 * Several uploads, as the state of a component. As many as the client's `concurrency` send at a time. They are aborted
 * when the component is removed, but not by StrictMode or a hidden `<Activity>`.
 * @param client - the result of `createClient()`, which is called outside of components
 * @throws {TypeError} when an option does not exist or cannot be used
 * @example
 * import { createClient } from '@safelight/client';
 * const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo', uploadPreset: 'web' });
 * function useAlbumUploads() {
 *   const { items, totals, add } = useUploads(client);
 *   // In JSX: <input type="file" multiple onChange={({ target }) => add(target.files ?? [])} />
 *   return { names: items.map(({ file, phase }) => `${file.name}: ${phase}`), totals, add };
 * }
 */
export function useUploads<Body extends UploadBody = File>(
  client: UploadClient,
  options: UseUploadOptions = {},
): Uploads<Body> {
  const [list, items] = useUploadList<Body>('useUploads()', client, options);
  const [add] = useState((): Uploads<Body>['add'] => (files, own) => list.add(Array.from(files), own));
  const totals = useMemo(() => uploadTotals(items.map(({ phase, progress }) => ({ phase, ...progress }))), [items]);
  return { items, totals, add };
}
