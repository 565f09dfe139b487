import type { ExpectedOptions } from '@safelight/protocol';
import { aBoolean, absoluteUrl, aFunction, anyValue, milliseconds, someText } from '../option-patterns.ts';

export interface WhyOptions {
  /** Aborting it rejects the call with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal;
  /**
   * The Safelight server, where it is not the URL's own origin: behind a CDN, or mounted below a path. A relative URL
   * is resolved against it, or against the page without it.
   */
  readonly endpoint?: string | URL;
  /** Headers for the server: the `Authorization` of an administrator, for example, with which the server tells more. */
  readonly headers?: () => HeadersInit | Promise<HeadersInit>;
  /** Used in place of the global `fetch` for requests to the server, and only for these. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The timeout of one request. @default 10_000 */
  readonly timeoutMs?: number;
  /**
   * Whether the URL is one of Cloudinary, which has no control route: then one HEAD for another spelling of it is sent.
   * @default whether the host is cloudinary.com or below it
   */
  readonly cloudinary?: boolean;
  /** Cloudinary only: requests the URL itself too (HEAD), which may prolong its error. @default false */
  readonly probe?: boolean;
  /** Cloudinary only, with `apiSecret` and never in a page: asks the Admin API, which has no side effect. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Cloudinary only: the origin of its Admin API. @default 'https://api.cloudinary.com' */
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
