import { formatTransformation } from '@safelight/protocol';
import { toSteps } from '../transformation-input.ts';
import { byteCounter, inParts } from './byte-counter.ts';
import type { SignUpload, UploadBody, UploadOptions, UploadParameters } from './upload-options.ts';

/** The text parameters of an upload; what is not given is not sent. */
export function uploadParameters(
  { publicId, overwrite, tags, eager }: UploadOptions,
  uploadPreset: string | undefined,
): UploadParameters {
  const given: Readonly<Record<string, string | undefined>> = {
    upload_preset: uploadPreset,
    public_id: publicId,
    overwrite: overwrite === undefined ? undefined : overwrite ? '1' : '0',
    tags: tags?.join(','),
    eager: eager?.map((input) => formatTransformation(toSteps(input))).join('|'),
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

export interface UploadFormOptions {
  readonly sign: SignUpload | undefined;
  readonly filename: string | undefined;
  /** Whether somebody wants to know how many bytes have left. */
  readonly watched: boolean;
}

/**
 * The multipart body, in the official SDKs' order: parameters, signature, key, file. The file comes last so that a
 * server can check everything else before it takes a byte of it.
 */
export async function uploadForm(
  body: UploadBody,
  parameters: UploadParameters,
  { sign, filename, watched }: UploadFormOptions,
): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of Object.entries(parameters)) {
    form.append(name, value);
  }
  if (sign !== undefined) {
    const { signature, timestamp, apiKey } = await sign(parameters);
    form.append('timestamp', String(timestamp));
    form.append('signature', signature);
    form.append('api_key', apiKey);
  }
  const blob = body instanceof Blob ? body : new Blob([body]);
  const counted = watched && byteCounter() === 'stream';
  form.append('file', counted ? inParts(blob) : blob, filename ?? nameOf(blob));
  return form;
}

function nameOf(blob: Blob): string {
  return 'name' in blob && typeof blob.name === 'string' && blob.name !== '' ? blob.name : 'file';
}
