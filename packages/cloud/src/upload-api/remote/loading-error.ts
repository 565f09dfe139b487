import { type ApiError, badRequest } from '../api-error.ts';

const maxShown = 200;

/**
 * The refusal of a remote file, with the beginning of Cloudinary's message. It names the URL that the caller sent, without
 * its query, which may have a secret. It never names the target of a redirect or an address.
 */
export function loadingError(url: URL, why: string): ApiError {
  return badRequest(`Error in loading ${(url.origin + url.pathname).slice(0, maxShown)} - ${why}`);
}

/**
 * One text for a host that does not exist, that has a private address, and that refuses the connection. Different texts would
 * tell a caller which names and ports of the private network exist.
 */
export const unreachable = 'its host cannot be reached, or has no public address';
