import { badRequest } from '../api-error.ts';

/** The schemes of `file` that mean a remote file in Cloudinary's API. */
export const remoteScheme: RegExp = /^(?:https?|ftp|s3|gs):/i;
/** The longest scheme, with its colon. */
export const remoteSchemeBytes = 6;
/** The longest URL. URLs with a signature have some kilobytes. */
export const maxUrlBytes = 8_192;

/**
 * Reads the URL of a remote file.
 *
 * @throws {ApiError} 400 when it is malformed, has another scheme than http and https, or has a user name or a password
 */
export function fileUrl(text: string): URL {
  if (!/^https?:/i.test(text)) {
    throw badRequest(
      'Remote files are fetched by http and https only. Send an http or https URL, or the bytes of the file.',
    );
  }
  if (!URL.canParse(text)) throw badRequest('Invalid parameter file: the URL is malformed.');
  const url = new URL(text);
  if (hasCredentials(url)) {
    throw badRequest('Invalid parameter file: the URL has a user name or a password. Send a URL without them.');
  }
  return url;
}

export function hasCredentials({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}

/** The last segment of the path, decoded, if it can be. `undefined` when it is empty. */
export function filenameOf({ pathname }: URL): string | undefined {
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment) || undefined;
  } catch {
    return segment;
  }
}
