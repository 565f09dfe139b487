import type { Failed } from '@safelight/core';
import { errorCacheControl, failureStatus, noStore, retryAfterSeconds, tagHeaders } from '@safelight/http';

export interface ErrorFieldOptions {
  readonly tags: readonly string[];
  /** The request fields that a shared cache must compare. */
  readonly vary: string | undefined;
  /** Whether the request had cookies. An error page may then be for one client. */
  readonly hasCookies: boolean;
}

/** Reads a field of the response, by its name in lower case. */
export type ReadField = (name: string) => unknown;

export type ResponseFields = Readonly<Record<string, string | number>>;

/**
 * The fields to add to an error that the application has written in its own words. The application's fields stay, except
 * that no lifetime may be longer than the rest of the window.
 */
export function errorFields(
  outcome: Failed,
  { tags, vary, hasCookies }: ErrorFieldOptions,
  read: ReadField,
): ResponseFields {
  const { cacheStatus, serverTiming } = failureStatus(outcome);
  const fields: Record<string, string | number> = {
    'Cache-Status': joined(read('cache-status'), cacheStatus),
    'Server-Timing': joined(read('server-timing'), serverTiming),
    'Cache-Control': cacheControlOf(outcome, text(read('cache-control')), hasCookies),
  };
  if (outcome.failure !== undefined && read('retry-after') === undefined) {
    fields['Retry-After'] = retryAfterSeconds(outcome.remainingMs);
  }
  for (const [name, value] of Object.entries(tagHeaders(tags))) {
    if (read(name.toLowerCase()) === undefined) fields[name] = value;
  }
  if (vary !== undefined) fields['Vary'] = joined(read('vary'), vary);
  return fields;
}

function cacheControlOf(
  { failure, fault, remainingMs, storable }: Failed,
  said: string | undefined,
  hasCookies: boolean,
): string {
  const mayBeStored = failure !== undefined && storable && fault.noStore !== true;
  if (said !== undefined) return shortened(said, mayBeStored ? Math.floor(remainingMs / 1000) : 0);
  if (!mayBeStored) return noStore;
  return hasCookies ? 'private, max-age=0' : errorCacheControl(remainingMs);
}

const lifetime = /\b(max-age|s-maxage)(\s*=\s*"?)(\d+)/gi;

/** The same directives, with lifetimes of at most `maxSeconds`. */
export function shortened(cacheControl: string, maxSeconds: number): string {
  return cacheControl.replace(lifetime, (_, name: string, equals: string, seconds: string) => {
    return `${name}${equals}${Math.min(Number(seconds), maxSeconds)}`;
  });
}

function joined(before: unknown, added: string): string {
  const said = text(before);
  return said === undefined || said === '' ? added : `${said}, ${added}`;
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : String(Array.isArray(value) ? value.join(', ') : value);
}
