import { formatBucket, requestUrl } from '@safelight/http';
import { checkOptions, stringValue } from '@safelight/protocol';
import type { GuardDoorOptions } from '../guard/guard.ts';
import type { ErrorAnswer } from '../guard/missing-original.ts';
import { onlyValue } from './only-value.ts';

export interface NextImageOptions {
  /** What `images.path` is, without the base path. @default '/_next/image' */
  readonly path?: string;
}

/**
 * The URLs of `next/image`: `/_next/image?url=%2Fcat.jpg&w=640&q=75`. An asset is what `url` says; every other path is left
 * alone, so that it can stand in front of all of Next.js. Only a picture of another server can be said to be missing: for
 * one of its own, Next.js answers as if it were damaged.
 * @throws {TypeError} for an option that does not exist, or has a wrong type
 * @throws {RangeError} when the path cannot be one
 */
export function nextImage(options: NextImageOptions = {}): GuardDoorOptions {
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

/** `fetchExternalImage` hands on the status of the other server, with a text that Next.js uses for nothing else. */
function isMissingOriginal({ status, body }: ErrorAnswer): boolean | Promise<boolean> {
  const said = '"url" parameter is valid but upstream response is invalid';
  return (status === 404 || status === 410) && body().then((text) => text === said);
}
