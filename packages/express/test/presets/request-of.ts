import type { IncomingMessage } from 'node:http';
import type { GuardRouteOptions } from '../../src/guard/guard-route-options.ts';

export interface RequestParts {
  readonly accept?: string | undefined;
  /** The path of the mount that Express or Connect have removed from the URL. */
  readonly mount?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request with the members that plain `node:http` and Connect provide: no `query`, no `params`, no `path`. */
export function requestOf(url: string, { accept, mount, headers = {} }: RequestParts = {}): IncomingMessage {
  const own = { url, headers: { ...headers, ...(accept === undefined ? {} : { accept }) } };
  return (mount === undefined ? own : { ...own, originalUrl: mount + url }) as IncomingMessage;
}

/** The names that a preset gives a URL. */
export function namesOf(preset: GuardRouteOptions, url: string, parts: RequestParts = {}) {
  const req = requestOf(url, parts);
  return { asset: preset.asset?.(req), derivation: preset.derivation?.(req) };
}

/** The `Accept` of Chromium, and of two older browsers, in requests for pictures. */
export const chromium = 'image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
export const webpOnly = 'image/webp,*/*';
export const neither = '*/*';
