import { type FailureReason, listenToResponses } from './failure-reason.ts';

/** The attributes that are set on an `<img>`. */
export interface PictureAttrs {
  readonly src: string;
  readonly srcset?: string;
  readonly sizes?: string;
  readonly width?: number;
  readonly height?: number;
  readonly alt?: string;
}

export interface LoadedPicture {
  /** The candidate that the browser requested. */
  readonly url: string;
  /** Whether the response can be painted: it is the picture or a placeholder. */
  readonly isImage: boolean;
  /** The reason why it is not the picture, as far as the response tells it; `undefined` when it is the picture. */
  readonly failure: FailureReason | undefined;
}

/** Loads and decodes a picture outside of the page, so that the current picture stays until there is a better one. */
export function loadPicture(
  img: HTMLImageElement,
  attrs: PictureAttrs,
  page: typeof globalThis = window,
): Promise<LoadedPicture> {
  const reasonOf = listenToResponses(page);
  const image = new page.Image();
  image.crossOrigin = img.crossOrigin;
  Object.assign(image, attrs);
  return outcome(image, reasonOf);
}

/**
 * Loads a picture in an empty document. A document reuses pictures from its own list of images, such as an old
 * placeholder, and the list of an empty document is empty. Later requests of the page get the picture that it loads.
 * @param isCached - the browser's own cache stores the failure, so the cached response is replaced first. Set it only in
 *   this case: otherwise Firefox uses the picture that it already has
 */
export async function reloadPicture(img: HTMLImageElement, src: string, isCached = false): Promise<LoadedPicture> {
  if (isCached) {
    await fetch(src, { cache: 'reload', mode: 'no-cors' }).catch(() => undefined);
  }
  const frame = document.createElement('iframe');
  frame.hidden = true;
  document.body.append(frame);
  return loadPicture(img, { src }, frame.contentWindow as typeof globalThis & Window).finally(() => frame.remove());
}

/** The result of the picture that an `<img>` already loads or shows. It waits while that picture is still loading. */
export async function seenPicture(img: HTMLImageElement, signal: AbortSignal): Promise<LoadedPicture> {
  if (!img.complete) {
    await new Promise((done) => {
      img.addEventListener('load', done, { signal });
      img.addEventListener('error', done, { signal });
    });
  }
  return outcome(img, (url) => listenToResponses(window)(url));
}

async function outcome(
  image: HTMLImageElement,
  reasonOf: (url: string) => FailureReason | undefined,
): Promise<LoadedPicture> {
  const isImage = await canBePainted(image);
  const url = image.currentSrc || image.src;
  return { url, isImage, failure: reasonOf(url) ?? (isImage ? undefined : {}) };
}

/**
 * Shows a loaded picture in one tick, so that the browser never paints an empty element.
 * @returns whether the picture can be painted
 */
export function showPicture(img: HTMLImageElement, attrs: PictureAttrs): Promise<boolean> {
  img.removeAttribute('srcset');
  img.removeAttribute('src');
  for (const source of img.closest('picture')?.querySelectorAll('source') ?? []) source.srcset += '';
  // An existing alternative text is never replaced.
  Object.assign(img, attrs, img.alt && { alt: img.alt });
  return canBePainted(img);
}

function canBePainted(image: HTMLImageElement): Promise<boolean> {
  return image.decode().then(
    () => true,
    () => false,
  );
}
