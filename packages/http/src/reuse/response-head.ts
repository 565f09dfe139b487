import { readHttpDate } from '@safelight/protocol';

/** Header fields of a request or a response; names are in lower case. */
export type ReceivedFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Status and header fields of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** The value of a field, several lines joined to one (RFC 9110 section 5.3); `undefined` when it is absent. */
export function fieldText(fields: ReceivedFields, name: string): string | undefined {
  // A name may come from a header (`Vary: constructor`): a property that every object inherits is not a field.
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'object' ? value.join(', ') : value;
}

/**
 * The `Date` of a response, in epoch milliseconds. Without a readable date it is the time at which the response was
 * received, in whole seconds as a date would have them (RFC 9110 section 6.6.1).
 */
export function madeAt({ headers }: Pick<ResponseHead, 'headers'>, respondedAt: number): number {
  return readHttpDate(fieldText(headers, 'date') ?? '', respondedAt) ?? respondedAt - (respondedAt % 1000);
}
