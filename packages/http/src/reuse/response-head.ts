import { readHttpDate } from '@safelight/protocol';

/** Header fields of a request or a response; names are in lower case. */
export type ReceivedFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Status and header fields of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * The value of a field, with several lines joined to one (RFC 9110 section 5.3); `undefined` when the field is absent.
 *
 * @param name - in lower case
 * @example
 * fieldText({ vary: ['Accept', 'Origin'] }, 'vary'); // 'Accept, Origin'
 */
export function fieldText(fields: ReceivedFields, name: string): string | undefined {
  // The name may come from a header (`Vary: constructor`), and an inherited property is not a field.
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'object' ? value.join(', ') : value;
}

/**
 * The `Date` of a response, in epoch milliseconds. Without a valid date it is the time at which the response was received,
 * rounded down to a second like an HTTP date (RFC 9110 section 6.6.1).
 */
export function madeAt({ headers }: Pick<ResponseHead, 'headers'>, respondedAt: number): number {
  return readHttpDate(fieldText(headers, 'date') ?? '', respondedAt) ?? respondedAt - (respondedAt % 1000);
}
