import { expectUploadOptions, type UploadAllOptions, type UploadBody } from './upload-options.ts';
import type { UploadTask } from './upload-task.ts';
import { type UploadTotals, withTotals } from './upload-totals.ts';
import type { Uploader } from './uploader.ts';

/**
 * Uploads several files. It returns all tasks at once, in the order of the files, so that a page can list them; as many
 * as the uploader's `concurrency` send at a time. A task that fails or is aborted does not affect the others, so await
 * them with `Promise.allSettled(tasks)`.
 * @param options - for all files, or a function that returns the options of each file
 * @param onTotals - called with the progress of all files together, at each progress of one of them
 * @throws {TypeError} when an option does not exist or cannot be used; no file is sent before this check
 * @example
 * const upload = createUploader({ endpoint: 'https://pictures.example', cloudName: 'demo', uploadPreset: 'web' });
 * const files = [new File(['…'], 'cat.jpg'), new File(['…'], 'dog.jpg')];
 * const tasks = uploadAll(upload, files, { onProgress: ({ file, phase }) => console.log((file as File).name, phase) });
 * tasks.map((task) => task.phase); // ['queued', 'queued']
 * const outcomes = await Promise.allSettled(tasks);
 */
export function uploadAll<Body extends UploadBody>(
  upload: Uploader,
  bodies: Iterable<Body>,
  options?: UploadAllOptions<Body>,
  onTotals?: (totals: UploadTotals) => void,
): readonly UploadTask[] {
  const uploads = Array.from(bodies, (body, index) => {
    const own = typeof options === 'function' ? options(body, index) : options;
    // The options of all files are checked before the first upload starts.
    if (own !== undefined) expectUploadOptions(own);
    return [body, own] as const;
  });
  return (onTotals ? withTotals(uploads, onTotals) : uploads).map(([body, own]) => upload(body, own));
}
