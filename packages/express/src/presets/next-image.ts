import { formatBucket, requestUrl } from '@safelight/http';
import { checkOptions, stringValue } from '@safelight/protocol';
import type { GuardRouteOptions } from '../guard/guard.ts';
import type { ErrorResponse } from '../guard/missing-original.ts';
import { onlyValue } from './only-value.ts';

export interface NextImageOptions {
  /** The value of `images.path`, without the base path. @default '/_next/image' */
  readonly path?: string;
}

/**
 * The URLs of `next/image`: `/_next/image?url=%2Fcat.jpg&w=640&q=75`. An asset is the value of `url`; all other paths
 * are passed on, so that it can be mounted in front of all of Next.js. It detects a missing original only on another
 * server: for a local picture, Next.js sends the same error as for a damaged one.
 * @throws {TypeError} for an option that does not exist, or has a wrong type
 * @throws {RangeError} when the path cannot be one
 */
export function nextImage(options: NextImageOptions = {}): GuardRouteOptions {
  checkOptions<NextImageOptions>('nextImage()', options, { path: stringValue });
  const { path = '/_next/image' } = options;
  if (!/^\/[^?#]*[^/?#]$/.test(path)) {
    throw new RangeError(`path is '${path}'; it must be what images.path is, '/_next/image' by default.`);
  }
  return {
    asset(req) {
      const url = requestUrl(req);
      const [sent = ''] = url.split('?', 1);
      return sent.replace(/\/$/, '').endsWith(path) ? nextImageAsset(onlyValue(url, 'url')) : undefined;
    },
    derivation(req) {
      const url = requestUrl(req);
      const [sent = ''] = url.split('?', 1);
      const { searchParams } = new URL(`http://next${url.slice(sent.length)}`);
      return JSON.stringify([
        sent,
        searchParams.getAll('w'),
        searchParams.getAll('q'),
        formatBucket(req.headers.accept),
      ]);
    },
    isMissingOriginal,
  };
}

/** As `validateParams` reads it (packages/next/src/server/image-optimizer.ts). */
function nextImageAsset(source: string | undefined): string | undefined {
  if (source === undefined || source.startsWith('/')) return source;
  return URL.canParse(source) ? new URL(source).href : source;
}

/** `fetchExternalImage` passes on the status of the other server, with a text that Next.js uses for no other error. */
function isMissingOriginal({ status, body }: ErrorResponse): boolean | Promise<boolean> {
  const said = '"url" parameter is valid but upstream response is invalid';
  return (status === 404 || status === 410) && body().then((text) => text === said);
}
