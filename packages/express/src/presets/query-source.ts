import { formatBucket, requestUrl, urlBelowMount } from '@safelight/http';
import { booleanValue, checkOptions, textValue } from '@safelight/protocol';
import type { GuardRouteOptions } from '../guard/guard.ts';
import { onlyValue } from './only-value.ts';

export interface QuerySourceOptions {
  /** The parameter that names the original. @default 'src' */
  readonly parameter?: string;
  /** Whether the response depends on `Accept`. @default false */
  readonly negotiates?: boolean;
}

/**
 * URLs that name the original in their query: `/resize?src=cat.jpg&w=300`. A request that names none, or several, is
 * not guarded.
 * @throws {TypeError} for an option that does not exist, or has a wrong type
 */
export function querySource(options: QuerySourceOptions = {}): GuardRouteOptions {
  checkOptions<QuerySourceOptions>('querySource()', options, {
    parameter: textValue("the name of a parameter, such as 'src' or 'url'"),
    negotiates: booleanValue,
  });
  const { parameter = 'src', negotiates = false } = options;
  return {
    asset: (req) => onlyValue(urlBelowMount(req), parameter),
    derivation: (req) => (negotiates ? `${requestUrl(req)} ${formatBucket(req.headers.accept)}` : requestUrl(req)),
  };
}
