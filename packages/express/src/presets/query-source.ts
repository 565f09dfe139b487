import { formatBucket, requestUrl, urlBelowMount } from '@safelight/http';
import { booleanValue, checkOptions, textValue } from '@safelight/protocol';
import { withDecodedNames } from '../guard/asset-from-path.ts';
import type { GuardRouteOptions } from '../guard/guard-route-options.ts';
import { onlyValue } from './only-value.ts';

export interface QuerySourceOptions {
  /** The parameter that names the original. @default 'src' */
  readonly parameter?: string;
  /** Whether the format of the response depends on the request's `Accept`. @default false */
  readonly negotiates?: boolean;
}

/**
 * Options of `guard` for URLs that name the original in their query: `/resize?src=cat.jpg&w=300`. A request that names
 * no original, or several, is not guarded.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @example
 * import express, { type RequestHandler } from 'express';
 *
 * declare const resize: RequestHandler; // responds to /resize?src=cat.jpg&w=300
 * const safelight = createSafelight();
 * express().get('/resize', safelight.guard(resize, querySource()));
 * await safelight.changed('cat.jpg'); // for every width of the picture
 */
export function querySource(options: QuerySourceOptions = {}): GuardRouteOptions {
  checkOptions<QuerySourceOptions>('querySource()', options, {
    parameter: textValue("the name of a parameter, such as 'src' or 'url'"),
    negotiates: booleanValue,
  });
  const { parameter = 'src', negotiates = false } = options;
  return withDecodedNames({
    asset: (req) => onlyValue(urlBelowMount(req), parameter),
    derivation: (req) => (negotiates ? `${requestUrl(req)} ${formatBucket(req.headers.accept)}` : requestUrl(req)),
  });
}
