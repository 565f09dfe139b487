import { transformationText } from '../transformation-input.ts';
import type { UploadOptions, UploadParameters } from './upload-options.ts';

/** The text parameters of an upload; an option that is not set is not sent. */
export function uploadParameters(
  { publicId, overwrite, tags, eager }: UploadOptions,
  uploadPreset: string | undefined,
): UploadParameters {
  const given: Readonly<Record<string, string | undefined>> = {
    upload_preset: uploadPreset,
    public_id: publicId,
    overwrite: overwrite === undefined ? '' : overwrite ? '1' : '0',
    tags: tags?.join(),
    eager: eager?.map(transformationText).join('|'),
  };
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => !!entry[1]));
}

/**
 * The multipart body, in the order of Cloudinary's SDKs: parameters, signature, key, file. The file is last, so that a
 * server can check everything else before it reads the file.
 */
export function uploadForm(parameters: UploadParameters, file: Blob, filename: string): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(parameters)) {
    form.append(name, value);
  }
  form.append('file', file, filename);
  return form;
}
