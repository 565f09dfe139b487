import type { ExpectedOptions } from '@safelight/protocol';
import { aBoolean, absoluteUrl, aFunction, anyValue, milliseconds, someText } from '../option-patterns.ts';

export interface WhyOptions {
  /** Aborting it rejects the call with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The Safelight server, when it is not the URL's origin: behind a CDN, or mounted below a path. A relative URL is
   * resolved against it; without it, against the page.
   * @default the origin of the URL
   */
  readonly endpoint?: string | URL | undefined;
  /** Headers for the server. With the `Authorization` of an administrator, for example, the server tells more. */
  readonly headers?: (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Used in place of the global `fetch` for requests to the server, and only for these. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /**
   * The timeout of one request.
   * @default 10_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether the URL is a URL of Cloudinary, which has no control route. Then one HEAD for an equivalent URL is sent.
   * @default whether the host is cloudinary.com or a subdomain of it
   */
  readonly cloudinary?: boolean | undefined;
  /**
   * Cloudinary only: sends a HEAD for the URL itself, too. This may prolong its error.
   * @default false
   */
  readonly probe?: boolean | undefined;
  /** Cloudinary only, together with `apiSecret` and never in a page: requests the Admin API, without a side effect. */
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  /**
   * Cloudinary only: the origin of its Admin API.
   * @default 'https://api.cloudinary.com'
   */
  readonly apiUrl?: string | URL | undefined;
  /**
   * Cloudinary only: the cloud of the key.
   * @default the cloud that the URL names
   */
  readonly cloudName?: string | undefined;
  /**
   * Epoch milliseconds.
   * @default Date.now
   */
  readonly clock?: (() => number) | undefined;
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
