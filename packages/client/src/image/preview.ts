import type { UploadTask } from '../upload/upload-task.ts';
import type { ReportState } from './heal-options.ts';
import type { showPicture } from './picture.ts';
import type { createScheduler, DoLater } from './scheduler.ts';

/** This file is loaded on demand. It gets these functions, because bundles would become larger if it imported them. */
export interface PreviewContext {
  readonly createScheduler: typeof createScheduler;
  readonly showPicture: typeof showPicture;
  readonly signal: AbortSignal;
  readonly report: ReportState;
}

/** A preview has at most this many pixels. A file with fewer pixels may be shown as it is. */
const maxPixels = 1_500_000;

const pages = new WeakMap<Document, DoLater>();

/**
 * Shows a small copy of the file of an upload, until the upload is complete. A page draws one copy at a time, and only
 * for elements near the window, because each copy needs the whole picture in memory. Rejects when it shows nothing.
 */
export async function showPreview(
  img: HTMLImageElement,
  upload: UploadTask,
  { createScheduler, showPicture, signal, report }: PreviewContext,
): Promise<void> {
  const run = new AbortController();
  const end = (): void => run.abort();
  signal.addEventListener('abort', end);
  let isFailed = false;
  upload.then(end, () => {
    isFailed = true;
  });
  const doLater = pages.get(img.ownerDocument) ?? createScheduler(1, () => true);
  pages.set(img.ownerDocument, doLater);
  await doLater({ img, run }, `${Math.random()}`, 0, async () => {
    const src = URL.createObjectURL(await drawSmall(img, upload.file));
    // The element still shows the picture after its URL is revoked.
    if (!run.signal.aborted) await showPicture(img, { src }, true);
    URL.revokeObjectURL(src);
  });
  run.signal.throwIfAborted();
  // After a failure of the upload the preview is shown, but it is not the last state.
  if (!isFailed) report('preview');
}

/**
 * A copy of a file in the size in which the element shows it; the file itself when it is small, or when it cannot be
 * copied. Rejects when the file is not a picture that this browser can show.
 */
async function drawSmall(img: HTMLImageElement, file: Blob): Promise<Blob> {
  const image = new Image();
  const url = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    const copy = await copyOf(image, file, img).catch(() => undefined);
    if (copy) return copy;
    await image.decode();
    return file;
  } finally {
    // Otherwise the browser may have the decoded picture in memory for some time.
    image.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}

/** `undefined` when the file is small enough. */
async function copyOf(image: HTMLImageElement, file: Blob, img: HTMLImageElement): Promise<Blob | null | undefined> {
  const { naturalWidth, naturalHeight } = image;
  const limit = Math.min(1, Math.sqrt(maxPixels / (naturalWidth * naturalHeight)));
  // An element without a size may become as wide as the window.
  const width = img.clientWidth || innerWidth;
  const shown = Math.max(width / naturalWidth, img.clientHeight / naturalHeight) * devicePixelRatio;
  const scale = Math.min(limit, shown);
  if (scale === 1) return undefined;
  const scaled = (source: ImageBitmapSource, factor: number, resizeQuality: ResizeQuality): Promise<ImageBitmap> =>
    createImageBitmap(source, {
      resizeWidth: Math.ceil(naturalWidth * factor),
      resizeHeight: Math.ceil(naturalHeight * factor),
      resizeQuality,
    });
  let source: ImageBitmapSource = file;
  // Chromium decodes and scales a Blob outside of the main thread. Firefox decodes only an `<img>` outside of it, and
  // scales 12 megapixels in it for 300 ms, unless the quality is low.
  if (!('chrome' in window)) {
    await image.decode();
    source = await scaled(image, Math.min(limit, 3 * scale), 'low');
  }
  const bitmap = await scaled(source, scale, 'medium');
  const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, file.type));
}
