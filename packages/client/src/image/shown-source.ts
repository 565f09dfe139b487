import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { clearPicture } from './picture.ts';

type Source = UploadedAsset | UploadTask | undefined;
type Either = Partial<UploadedAsset & Omit<UploadTask, 'publicId'>>;

const shownSources = new WeakMap<HTMLImageElement, { readonly source: Source; readonly end: () => void }>();

/**
 * Makes `source` the one source of an element. It ends the last one. When the new source is another asset, it also
 * clears the picture, so that the element never shows a picture under the alternative text of another one.
 * @param end - called when the element gets another source
 * @param source - without it, the element shows nothing
 */
export function takeOver(img: HTMLImageElement, end: () => void, source?: Source): void {
  const last = shownSources.get(img);
  last?.end();
  if (last && !isSameAsset(last.source, source)) clearPicture(img, ['src', 'srcset', 'alt']);
  shownSources.set(img, { source, end });
}

/**
 * Versions may differ. An upload gets its public ID at the latest when it is complete, and has no resource type. A retry
 * uploads the same file.
 */
function isSameAsset(source: Source, other: Source): boolean {
  if (source === other) return true;
  const { publicId, resourceType: type, file } = Object(source) as Either;
  const { publicId: otherId, resourceType: otherType = type, file: otherFile } = Object(other) as Either;
  if (file && file === otherFile) return true;
  return publicId !== undefined && publicId === otherId && (type ?? otherType) === otherType;
}
