import type { IncomingMessage } from 'node:http';
import { requestUrl, urlBelowMount } from '@safelight/http';

/** The parts of a request's URL. */
export interface MountedUrl {
  /** The part before the URL that the server reads; it distinguishes two servers of one application. */
  readonly mount: string;
  readonly path: string;
  /** The query with its `?`; empty when there is none. */
  readonly query: string;
}

export interface MountOptions {
  /**
   * The beginning of the path that the handler itself removes, such as `/images`. Not needed for the path of a mount in
   * Express, which Express removes. @default none
   */
  readonly prefix?: string;
}

/**
 * Returns a function that splits URLs for one server. A URL that is not below the prefix has an empty path.
 * @throws {RangeError} when no path can begin with the prefix
 */
export function mountedUrlOf({ prefix = '' }: MountOptions): (req: IncomingMessage) => MountedUrl {
  if (prefix !== '' && !/^\/[^?#]*[^/?#]$/.test(prefix)) {
    throw new RangeError(`prefix is '${prefix}'; it must begin with a slash and not end with one, such as '/images'.`);
  }
  return (req) => {
    const url = urlBelowMount(req);
    const sent = requestUrl(req);
    const mount = sent.endsWith(url) ? sent.slice(0, sent.length - url.length) : sent;
    const at = url.indexOf('?');
    const path = at === -1 ? url : url.slice(0, at);
    const isBelow = prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
    return { mount: mount + prefix, path: isBelow ? path.slice(prefix.length) : '', query: url.slice(path.length) };
  };
}
