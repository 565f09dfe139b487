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
export async function loadPicture(
  img: HTMLImageElement,
  { src, srcset = '', sizes = '' }: PictureAttrs,
): Promise<LoadedPicture> {
  const image = new Image();
  const reasonOf = listenToAnswers(window);
  image.crossOrigin = img.crossOrigin;
  if (sourcesOf(img).length > 0 && img.currentSrc) image.src = img.currentSrc;
  else Object.assign(image, { sizes, srcset, src });
  return outcome(image, image.decode(), reasonOf);
}

/**
 * The same where a document would take the picture that it knows, a placeholder for example, out of its own list of images,
 * however old that is: an empty document has no such list. What it loads is what the others get then.
 * @param isOutdated the browser's own cache is wrong too, and is renewed. Firefox must not be told without need: it then
 *   takes the picture that it knows for renewed
 */
export async function reloadPicture(img: HTMLImageElement, url: string, isOutdated: boolean): Promise<LoadedPicture> {
  if (isOutdated) {
    await fetch(url, { cache: 'reload', mode: 'no-cors' }).catch(() => undefined);
  }
  const page = img.ownerDocument;
  const frame = page.body.appendChild(page.createElement('iframe'));
  frame.hidden = true;
  const window = frame.contentWindow as Window & typeof globalThis;
  const reasonOf = listenToAnswers(window);
  const image = new window.Image();
  image.crossOrigin = img.crossOrigin;
  image.src = url;
  return outcome(image, image.decode(), reasonOf).finally(() => frame.remove());
}

/** What has become of a picture that an `<img>` was given before; one that is lazy is waited for. */
export function seenPicture(img: HTMLImageElement, signal: AbortSignal): Promise<LoadedPicture> {
  const reasonOf = listenToAnswers(window, 0);
  const loading = img.complete
    ? img.decode()
    : new Promise<void>((resolve, reject) => {
        img.addEventListener('load', () => resolve(), { once: true, signal });
        img.addEventListener('error', reject, { once: true, signal });
        signal.addEventListener('abort', reject, { once: true });
      });
  return outcome(img, loading, reasonOf);
}

async function outcome(
  image: HTMLImageElement,
  loading: Promise<void>,
  reasonOf: (url: string) => FailureReason | undefined,
): Promise<LoadedPicture> {
  const isImage = await loading.then(
    () => true,
    () => false,
  );
  const url = image.currentSrc || image.src;
  const failure = reasonOf(url);
  return { url, isImage, failure: isImage ? failure : (failure ?? {}) };
}

/** Shows what has been loaded. In one tick, so that nothing is painted in between; done when it can be painted. */
export async function showPicture(img: HTMLImageElement, attrs: PictureAttrs): Promise<void> {
  const { alt, ...rest } = attrs;
  for (const name of ['srcset', 'src']) img.removeAttribute(name);
  for (const source of sourcesOf(img)) source.srcset = `${source.srcset}`;
  for (const [name, value] of Object.entries(rest)) img.setAttribute(name, String(value));
  if (alt !== undefined && !img.alt) img.alt = alt;
  await img.decode();
}

function sourcesOf({ parentElement }: HTMLImageElement): readonly HTMLSourceElement[] {
  return parentElement?.localName === 'picture' ? [...parentElement.querySelectorAll('source')] : [];
}
