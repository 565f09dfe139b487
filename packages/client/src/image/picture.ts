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

type AttrName = keyof PictureAttrs;

/** The attributes that an element has from here. All others are attributes of the page. */
const written = new WeakMap<HTMLImageElement, { readonly [Name in AttrName]?: PictureAttrs[Name] | undefined }>();

/** Treats the attributes of an element as written here, except its alternative text. */
export function adoptPicture(img: HTMLImageElement, attrs: PictureAttrs): void {
  written.set(img, { ...attrs, alt: undefined });
}

/** Removes attributes that were written here and that the page has not changed since. */
export function clearPicture(img: HTMLImageElement, names: Iterable<AttrName>): void {
  const attrs = written.get(img);
  for (const name of names) if (img.getAttribute(name) === `${attrs?.[name]}`) img.removeAttribute(name);
}

/**
 * Writes the attributes of a picture in one tick, so that the browser never paints an empty element. An alternative text
 * of the page is never replaced.
 * @param isPreview - the attributes of the last picture stay; otherwise they are removed
 */
export function writePicture(img: HTMLImageElement, attrs: PictureAttrs, isPreview = false): void {
  img.removeAttribute('srcset');
  img.removeAttribute('src');
  for (const source of img.closest('picture')?.querySelectorAll('source') ?? []) source.srcset += '';
  const last = written.get(img);
  if (!isPreview) clearPicture(img, Object.keys(last ?? {}) as AttrName[]);
  const { alt } = img;
  Object.assign(img, attrs, alt && { alt });
  written.set(img, isPreview ? { ...last, ...attrs } : { ...attrs, ...(alt && { alt: undefined }) });
}

/**
 * Shows a loaded picture.
 * @returns whether the picture can be painted
 */
export function showPicture(img: HTMLImageElement, attrs: PictureAttrs, isPreview?: boolean): Promise<boolean> {
  writePicture(img, attrs, isPreview);
  return canBePainted(img);
}

/** Waits until the picture is decoded. jsdom has no `decode`. */
export function canBePainted(image: HTMLImageElement): Promise<boolean> {
  return Promise.resolve(image.decode?.()).then(
    () => true,
    () => false,
  );
}
