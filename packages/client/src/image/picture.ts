import { type FailureReason, listenToAnswers } from './failure-reason.ts';

/** What an `<img>` is given. */
export interface PictureAttrs {
  readonly src: string;
  readonly srcset?: string;
  readonly sizes?: string;
  readonly width?: number;
  readonly height?: number;
  readonly alt?: string;
}

export interface LoadedPicture {
  /** Of the candidates, the one that was asked for. */
  readonly url: string;
  /** Whether there are pixels: the picture's, or a placeholder's. */
  readonly isImage: boolean;
  /** Why they are not the picture's, as far as the answer says. `undefined` when they are. */
  readonly failure: FailureReason | undefined;
}

/** Loads and decodes off the page, so that what is shown stays until there is something better. */
export function loadPicture(
  img: HTMLImageElement,
  attrs: PictureAttrs,
  page: typeof globalThis = window,
): Promise<LoadedPicture> {
  const reasonOf = listenToAnswers(page);
  const image = new page.Image();
  image.crossOrigin = img.crossOrigin;
  Object.assign(image, attrs);
  return outcome(image, reasonOf);
}

/**
 * The same where a document would take the picture that it knows, a placeholder for example, out of its own list of images,
 * however old that is: an empty document has no such list. What it loads is what the others get then.
 * @param isKept the browser's own cache holds the failure, and is renewed. Firefox must not be told without need: it then
 *   takes the picture that it knows for renewed
 */
export async function reloadPicture(img: HTMLImageElement, src: string, isKept = false): Promise<LoadedPicture> {
  if (isKept) {
    await fetch(src, { cache: 'reload', mode: 'no-cors' }).catch(() => undefined);
  }
  const frame = document.createElement('iframe');
  frame.hidden = true;
  document.body.append(frame);
  return loadPicture(img, { src }, frame.contentWindow as typeof globalThis & Window).finally(() => frame.remove());
}

/** What has become of a picture that an `<img>` was given before; one that is lazy is waited for. */
export async function seenPicture(img: HTMLImageElement, signal: AbortSignal): Promise<LoadedPicture> {
  if (!img.complete) {
    await new Promise((done) => {
      img.addEventListener('load', done, { signal });
      img.addEventListener('error', done, { signal });
    });
  }
  return outcome(img, (url) => listenToAnswers(window)(url));
}

async function outcome(
  image: HTMLImageElement,
  reasonOf: (url: string) => FailureReason | undefined,
): Promise<LoadedPicture> {
  const isImage = await canBePainted(image);
  const url = image.currentSrc || image.src;
  return { url, isImage, failure: reasonOf(url) ?? (isImage ? undefined : {}) };
}

/** Shows what has been loaded, in one tick, so that nothing is painted in between. @returns whether it can be painted */
export function showPicture(img: HTMLImageElement, attrs: PictureAttrs): Promise<boolean> {
  img.removeAttribute('srcset');
  img.removeAttribute('src');
  for (const source of img.closest('picture')?.querySelectorAll('source') ?? []) source.srcset += '';
  // Alternative text that is there is never replaced.
  Object.assign(img, attrs, img.alt && { alt: img.alt });
  return canBePainted(img);
}

function canBePainted(image: HTMLImageElement): Promise<boolean> {
  return image.decode().then(
    () => true,
    () => false,
  );
}
