import type { ExpectedOptions } from '@safelight/protocol';
import { aBoolean, absoluteUrl, aFunction, anyValue, milliseconds, someText } from '../option-patterns.ts';

export interface WhyOptions {
  /** Aborting it rejects the call with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal;
  /**
   * The Safelight server, where it is not the URL's own origin: behind a CDN, or mounted below a path. Relative URLs are
   * relative to it, without it to the page.
   */
  readonly endpoint?: string | URL;
  /** Headers for the server: an `Authorization` with which administrators see more, for example. */
  readonly headers?: () => HeadersInit | Promise<HeadersInit>;
  /** Asks the server in place of the global `fetch`. Nobody else is asked with it. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** How long one question may take. @default 10_000 */
  readonly timeoutMs?: number;
  /**
   * Whether the URL is one of Cloudinary, which has no control route: then HEAD of another spelling of it is asked once.
   * @default whether the host is cloudinary.com or below it
   */
  readonly cloudinary?: boolean;
  /** Cloudinary only: asks the URL itself too (HEAD), which may lengthen its error's life. @default false */
  readonly probe?: boolean;
  /** Cloudinary only, with `apiSecret` and never in a page: asks the Admin API, which has no side effect. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Cloudinary only: where its Admin API is. @default 'https://api.cloudinary.com' */
  readonly apiUrl?: string | URL;
  /** Cloudinary only: the cloud that the key is for. @default the one that the URL names */
  readonly cloudName?: string;
  /** @default Date.now */
  readonly clock?: () => number;
}

export const whyOptionPatterns: ExpectedOptions<WhyOptions> = {
  signal: anyValue,
  endpoint: absoluteUrl,
  headers: aFunction,
  fetch: aFunction,
  timeoutMs: milliseconds,
  cloudinary: aBoolean,
  probe: aBoolean,
  apiKey: someText,
  apiSecret: someText,
  apiUrl: absoluteUrl,
  cloudName: someText,
  clock: aFunction,
};
