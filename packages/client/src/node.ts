/// <reference types="node" />
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { SafelightError } from './safelight-error.ts';

/**
 * A file on disk, to upload it. Each attempt reads it in pieces, so that it is never in memory as a whole. It must not
 * change before the upload has ended.
 * @throws {SafelightError} `invalid_body` when the file cannot be opened, or when `path` is neither a path nor a URL
 * @example
 * import { createClient } from '@safelight/client';
 *
 * const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo', uploadPreset: 'web' });
 * const asset = await client.upload(await fileFromPath('pictures/cat.jpg'), { publicId: 'cat' });
 */
export async function fileFromPath(path: string | URL): Promise<File> {
  if (typeof path !== 'string' && !(path instanceof URL)) {
    throw new SafelightError('invalid_body', `fileFromPath() takes a path or a file: URL, not ${path}.`);
  }
  const name = basename(typeof path === 'string' ? path : decodeURIComponent(path.pathname));
  try {
    return new File([await openAsBlob(path)], name);
  } catch (cause) {
    throw new SafelightError('invalid_body', `The file "${path}" cannot be opened.`, {
      hint: 'Check the path and its permissions.',
      cause,
    });
  }
}
