import { formatBucket, requestUrl, urlBelowMount } from '@safelight/http';
import { booleanValue, checkOptions, stringValue } from '@safelight/protocol';
import type { GuardDoorOptions } from '../guard/guard.ts';
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
 * @throws {RangeError} when the parameter has no name
 */
export function querySource(options: QuerySourceOptions = {}): GuardDoorOptions {
  checkOptions('querySource()', options, { parameter: stringValue, negotiates: booleanValue });
  const { parameter = 'src', negotiates = false } = options;
  if (parameter === '')
    throw new RangeError(`parameter is ''; it must be a name, such as 'src' (the default) or 'url'.`);
  return {
    asset: (req) => onlyValue(urlBelowMount(req), parameter),
    derivation: (req) => (negotiates ? `${requestUrl(req)} ${formatBucket(req.headers.accept)}` : requestUrl(req)),
  };
}
