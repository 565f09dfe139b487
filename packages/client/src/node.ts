/// <reference types="node" />
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { SafelightError } from './safelight-error.ts';

/**
 * A file on disk, to upload it. It is read while it is sent, and again for a repeat, and never held in memory as a
 * whole. It must not change before the upload has ended.
 * @throws {SafelightError} `invalid_body` when it cannot be opened, or is neither a path nor a URL
 */
export async function fileFromPath(path: string | URL): Promise<File> {
  if (typeof path !== 'string' && !(path instanceof URL)) {
    throw new SafelightError('invalid_body', `fileFromPath() takes a path or a file: URL, not ${path}.`);
  }
  const name = basename(typeof path === 'string' ? path : decodeURIComponent(path.pathname));
  try {
    return new File([await openAsBlob(path)], name);
  } catch (cause) {
    throw new SafelightError('invalid_body', `"${path}" cannot be opened.`, {
      hint: 'Check the path and its permissions.',
      cause,
    });
  }
}
