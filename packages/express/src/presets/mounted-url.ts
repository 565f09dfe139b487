import type { IncomingMessage } from 'node:http';
import { requestUrl, urlBelowMount } from '@safelight/http';

/** A request's URL, cut where a server begins to read it. */
export interface MountedUrl {
  /** The part that was removed from the beginning; it distinguishes two servers of one application. */
  readonly mount: string;
  readonly path: string;
  /** With its `?`; empty when there is none. */
  readonly query: string;
}

export interface MountOptions {
  /**
   * The beginning of the path that the handler itself removes, such as `/images`. Express removes the path of a mount
   * before. @default none
   */
  readonly prefix?: string;
}

/**
 * Reads URLs for one server. A URL that is not below its prefix has an empty path.
 * @throws {RangeError} for a prefix that no path can begin with
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
