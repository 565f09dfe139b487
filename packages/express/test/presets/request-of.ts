import type { IncomingMessage } from 'node:http';
import type { GuardRouteOptions } from '../../src/guard/guard.ts';

export interface RequestParts {
  readonly accept?: string | undefined;
  /** What Express or Connect have taken off the URL. */
  readonly mount?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As much of a request as plain `node:http` and Connect give: no `query`, no `params`, no `path`. */
export function requestOf(url: string, { accept, mount, headers = {} }: RequestParts = {}): IncomingMessage {
  const own = { url, headers: { ...headers, ...(accept === undefined ? {} : { accept }) } };
  return (mount === undefined ? own : { ...own, originalUrl: mount + url }) as IncomingMessage;
}

/** What a preset makes of a URL. */
export function namesOf(preset: GuardRouteOptions, url: string, parts: RequestParts = {}) {
  const req = requestOf(url, parts);
  return { asset: preset.asset?.(req), derivation: preset.derivation?.(req) };
}

/** What Chromium and an old browser accept in place of a picture. */
export const chromium = 'image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
export const webpOnly = 'image/webp,*/*';
export const neither = '*/*';
