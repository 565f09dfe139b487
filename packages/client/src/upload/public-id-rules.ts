import { checkParts } from '@safelight/protocol';
import { fieldsOf } from '../asset-response.ts';
import { SafelightError, withErrorCode } from '../safelight-error.ts';
import type { SentFile } from './send-file.ts';
import type { UploadOptions } from './upload-options.ts';

/**
 * Checks the public ID by the server's rules, before the file is sent. The server reads `//` as `/`.
 * @throws {SafelightError} `invalid_public_id`
 */
export function checkPublicId({ publicId }: UploadOptions): void {
  if (publicId === undefined) return;
  withErrorCode('invalid_public_id', () => checkParts({ publicId: publicId.replace(/\/{2,}/g, '/') }));
}

interface StoredFile {
  readonly public_id: string;
  readonly existing: boolean;
  readonly bytes: number;
}

/**
 * Refuses an asset that existed before the upload: it may be another picture, of another person. When an earlier
 * request of this upload may have stored the file, an asset of the same size is taken for it.
 * @throws {SafelightError} `public_id_taken`
 */
export function checkIsNew({ response, isRepeat }: SentFile, file: Blob, { ifExists }: UploadOptions): void {
  const { existing, bytes, public_id: publicId } = fieldsOf<StoredFile>(response);
  if (existing !== true || ifExists === 'use' || (isRepeat && bytes === file.size)) return;
  throw new SafelightError('public_id_taken', `There was an asset "${publicId}" before. Nothing was stored.`, {
    publicId: `${publicId}`,
    hint: "Choose another publicId, such as publicIdFrom(file.name), or use the asset that exists: ifExists: 'use'.",
  });
}
