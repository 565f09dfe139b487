import { posix } from 'node:path';
import { formatBucket } from '@safelight/http';
import { checkOptions, choiceValue, stringValue } from '@safelight/protocol';
import { percentDecoded, withDecodedNames } from '../guard/asset-from-path.ts';
import type { GuardRouteOptions } from '../guard/guard-route-options.ts';
import type { ErrorResponse } from '../guard/missing-original.ts';
import { type MountOptions, mountedUrlOf } from './mounted-url.ts';
import { urlOnly } from './url-only.ts';

export interface ThumborOptions extends MountOptions {
  /**
   * The kind of thumbor's `LOADER`. It decides the scheme of an image without one, and whether a 404 means that the
   * original is missing. @default 'http'
   */
  readonly loader?: 'http' | 'https' | 'file';
}

/**
 * Options of `guard` for the URLs of thumbor 6 and 7: `/unsafe/300x200/smart/filters:quality(80)/example.org/cat.jpg`,
 * or with a signature. The name of an asset is the URL that thumbor fetches, `http://example.org/cat.jpg`; with the
 * file loader it is the path below the root, `folder/cat.jpg`. The http loader sends 404 for every error of the source,
 * so only a 404 of the file loader means a missing original.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when `prefix` has a value that cannot work
 * @example
 * import express, { type RequestHandler } from 'express';
 *
 * declare const thumborServer: RequestHandler; // passes requests on to thumbor
 * const safelight = createSafelight();
 * express().use('/thumbor', safelight.guard(thumborServer, thumbor({ loader: 'file' })));
 * await safelight.changed('folder/cat.jpg'); // for every size of the picture
 */
export function thumbor(options: ThumborOptions = {}): GuardRouteOptions {
  checkOptions<ThumborOptions>('thumbor()', options, {
    prefix: stringValue,
    loader: choiceValue(['http', 'https', 'file']),
  });
  const { loader = 'http' } = options;
  const mounted = mountedUrlOf(options);
  return withDecodedNames({
    ...urlOnly,
    asset(req) {
      const { path } = mounted(req);
      const image = imageUrl.exec(path)?.groups?.['image'];
      return image === undefined ? path || undefined : thumborAsset(percentDecoded(image), loader);
    },
    derivation(req) {
      const { mount, path, query } = mounted(req);
      const filters = imageUrl.exec(path)?.groups?.['filters'] ?? '';
      const bucket = /(?:^|:)format\(/.test(filters) ? '' : ` ${formatBucket(req.headers.accept)}`;
      // The signature is part of the name, so a failure with a wrong signature does not count for the right one.
      return mount + path + query + bucket;
    },
    ...(loader === 'file' ? { isMissingOriginal } : {}),
  });
}

/** The pattern of thumbor/url.py. */
const imageUrl: RegExp = new RegExp(
  [
    /^\/?(?:(?:unsafe|[^/]{28,}?)\/)?(?:debug\/)?(?:meta\/)?/,
    /(?:trim(?::(?:top-left|bottom-right))?(?::\d+)?\/)?(?:\d+x\d+:\d+x\d+\/)?/,
    /(?:(?:adaptive-)?(?:full-)?fit-in\/)?(?:-?(?:\d+|orig)?x-?(?:\d+|orig)?\/)?/,
    /(?:(?:left|right|center)\/)?(?:(?:top|bottom|middle)\/)?(?:smart\/)?/,
    /(?:filters:(?<filters>.+?\))\/)?(?<image>.+)$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

/** Names the image as the loaders do: thumbor/loaders/{http,https,file}_loader.py. */
function thumborAsset(image: string, loader: 'http' | 'https' | 'file'): string {
  if (loader === 'file') return posix.normalize(image.replace(/^\/+/, '')).replace(/\/$/, '');
  const url = image === percentDecoded(image) ? percentEncoded(image) : image;
  return url.startsWith('http') ? url : `${loader}://${url}`;
}

function percentEncoded(url: string): string {
  try {
    return encodeURI(url);
  } catch {
    return url;
  }
}

/** thumbor's own 404 has no body. A 404 with a body comes from a proxy in between. */
function isMissingOriginal({ status, body }: ErrorResponse): boolean | Promise<boolean> {
  return status === 404 && body().then((text) => text === '');
}
