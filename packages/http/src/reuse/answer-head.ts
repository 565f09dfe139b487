import { readHttpDate } from '@safelight/protocol';

/** Header fields of a request or an answer; names are in lower case. */
export type ReceivedFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What comes before the bytes of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** The value of a field, several lines joined to one (RFC 9110 section 5.3); `undefined` when it is absent. */
export function fieldText(fields: ReceivedFields, name: string): string | undefined {
  // A name may come from a header (`Vary: constructor`): what every object inherits is no field.
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'object' ? value.join(', ') : value;
}

/**
 * When an answer says that it was made, epoch milliseconds. Without a date, or with one that cannot be read, that is
 * when it came, in whole seconds as such a date has them (RFC 9110 section 6.6.1).
 */
export function madeAt({ headers }: Pick<AnswerHead, 'headers'>, respondedAt: number): number {
  return readHttpDate(fieldText(headers, 'date') ?? '', respondedAt) ?? respondedAt - (respondedAt % 1000);
}
