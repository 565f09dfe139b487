import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';

/** The source of an image: an uploaded asset, or an upload that may still run. */
export type PictureSource = UploadedAsset | UploadTask;

export function isTask(source: PictureSource): source is UploadTask {
  // Untyped code may pass a text, for which `in` would throw an unclear error.
  return 'file' in Object(source);
}

/**
 * Whether the picture of one source may stay until that of the next one is loaded: a retry of the same file, the asset of
 * an upload, or another version of the same asset.
 */
export function isSamePicture(last: PictureSource | undefined, next: PictureSource | undefined): boolean {
  if (!last || !next) return last === next;
  if (isTask(last)) {
    return isTask(next) ? last.file === next.file : last.phase === 'ready' && last.publicId === next.publicId;
  }
  return !isTask(next) && nameOf(last) === nameOf(next);
}

/** The URL of an asset without its version: its server, type, public ID and format. */
function nameOf(asset: UploadedAsset): string {
  return asset.url().replace(`/v${asset.version}/`, '/');
}
