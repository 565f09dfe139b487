import { formatBucket, requestUrl } from '@safelight/http';
import { checkOptions, stringValue } from '@safelight/protocol';
import { withDecodedNames } from '../guard/asset-from-path.ts';
import type { GuardRouteOptions } from '../guard/guard-route-options.ts';
import type { ErrorResponse } from '../guard/missing-original.ts';
import { onlyValue } from './only-value.ts';
import { urlOnly } from './url-only.ts';

export interface NextImageOptions {
  /** The value of `images.path`, without the base path. @default '/_next/image' */
  readonly path?: string;
}

/**
 * Options of `guard` for the URLs of `next/image`: `/_next/image?url=%2Fcat.jpg&w=640&q=75`. The name of an asset is
 * the value of `url`. Other paths are not guarded, so the guard may stand in front of the whole of Next.js. A missing
 * original is detected only on another server: for a local picture, Next.js sends the same error as for a damaged one.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when `path` has a value that cannot work
 * @example
 * import express, { type RequestHandler } from 'express';
 *
 * declare const nextServer: RequestHandler; // next({ dev: false }).getRequestHandler()
 * const safelight = createSafelight();
 * express().use(safelight.guard(nextServer, nextImage()));
 * await safelight.changed('/cat.jpg'); // for every size of public/cat.jpg
 */
export function nextImage(options: NextImageOptions = {}): GuardRouteOptions {
  checkOptions<NextImageOptions>('nextImage()', options, { path: stringValue });
  const { path = '/_next/image' } = options;
  if (!/^\/[^?#]*[^/?#]$/.test(path)) {
    throw new RangeError(`path is '${path}'; it must be what images.path is, '/_next/image' by default.`);
  }
  return withDecodedNames({
    ...urlOnly,
    asset(req) {
      const url = requestUrl(req);
      const [requestPath = ''] = url.split('?', 1);
      return requestPath.replace(/\/$/, '').endsWith(path) ? nextImageAsset(onlyValue(url, 'url')) : undefined;
    },
    derivation(req) {
      const url = requestUrl(req);
      const [requestPath = ''] = url.split('?', 1);
      const { searchParams } = new URL(`http://next${url.slice(requestPath.length)}`);
      return JSON.stringify([
        requestPath,
        searchParams.getAll('w'),
        searchParams.getAll('q'),
        formatBucket(req.headers.accept),
      ]);
    },
    isMissingOriginal,
  });
}

/** Reads `url` as `validateParams` does (packages/next/src/server/image-optimizer.ts). */
function nextImageAsset(source: string | undefined): string | undefined {
  if (source === undefined || source.startsWith('/')) return source;
  return URL.canParse(source) ? new URL(source).href : source;
}

/** `fetchExternalImage` passes on the status of the other server, with a text that Next.js uses for no other error. */
function isMissingOriginal({ status, body }: ErrorResponse): boolean | Promise<boolean> {
  const message = '"url" parameter is valid but upstream response is invalid';
  return (status === 404 || status === 410) && body().then((text) => text === message);
}
