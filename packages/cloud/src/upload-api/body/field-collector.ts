import { type ApiError, badRequest } from '../api-error.ts';
import { type Fields, ListFields } from '../submission.ts';
import type { BodyLimits } from './body-limits.ts';

/** Collects the parameters of a body, and counts them while they arrive. */
export interface FieldCollector {
  /** How many more bytes of parameters are accepted. */
  bytesLeft(): number;
  /**
   * Counts a parameter, also one without a name or a value: each takes some time.
   *
   * @throws {ApiError} 400 when there are too many
   */
  count(): void;
  /**
   * @param items - the items of a list, which `value` has joined by commas
   * @throws {ApiError} 400 when the parameters are too long
   */
  add(name: string, value: string, items?: readonly string[]): void;
  /** @throws {ApiError} 400 when a parameter is repeated or has a name that no parameter can have */
  fields(): Fields;
}

export function createFieldCollector(limits: Pick<BodyLimits, 'maxFieldBytes' | 'maxFields'>): FieldCollector {
  const { maxFieldBytes, maxFields } = limits;
  const pairs: FieldPair[] = [];
  let bytes = 0;
  let counted = 0;
  let read: { readonly fields: Fields; readonly count: number } | undefined;
  return {
    bytesLeft: () => maxFieldBytes - bytes,
    count() {
      counted += 1;
      if (counted > maxFields) throw badRequest(`Too many parameters. At most ${maxFields} are accepted.`);
    },
    add(name, value, items) {
      bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
      if (bytes > maxFieldBytes) throw tooLong(maxFieldBytes);
      pairs.push([name, value, items]);
    },
    fields() {
      if (read?.count !== pairs.length) read = { fields: fieldsFrom(pairs), count: pairs.length };
      return read.fields;
    },
  };
}

export function tooLong(maxFieldBytes: number): ApiError {
  return badRequest(`The parameters have more than ${maxFieldBytes} bytes, not counting the file.`);
}

/** A parameter, in the form in which it was sent. */
type FieldPair = readonly [name: string, value: string, items?: readonly string[] | undefined];

const maxNameLength = 100;
/**
 * The names of parameters. A name like `folder[0]` or `tags=a&folder` is refused: the text that a signature covers would be
 * the text of another parameter, and so a parameter could be taken from a signed call.
 */
const parameterName = /^[\w.-]+(?:\[\])?$/;

/**
 * Reads the parameters of a form. Only `name[]` may be repeated: a signature covers one value, and the server cannot
 * know which of two values is right.
 *
 * @throws {ApiError} 400 when a parameter is repeated or has a wrong name
 */
function fieldsFrom(pairs: readonly FieldPair[]): Fields {
  const values = new Map<string, { readonly isList: boolean; readonly items: string[] }>();
  for (const [name, value, sent] of pairs) {
    if (name.length > maxNameLength || !parameterName.test(name)) throw wrongName(name);
    const isList = name.endsWith('[]');
    const bareName = isList ? name.slice(0, -2) : name;
    const known = values.get(bareName);
    if (known === undefined)
      values.set(bareName, { isList: isList || sent !== undefined, items: [...(sent ?? [value])] });
    else if (isList && known.isList) known.items.push(value);
    else throw badRequest(`Parameter ${bareName} was sent more than once. Send it once.`);
  }
  const fields = new ListFields();
  for (const [name, { isList, items }] of values) {
    fields.set(name, items.join(','));
    if (isList) fields.lists.set(name, items);
  }
  return fields;
}

function wrongName(name: string): ApiError {
  const shown = JSON.stringify(name.slice(0, maxNameLength));
  return badRequest(
    `Invalid parameter name ${shown}. Expected at most ${maxNameLength} letters, digits, "_", "-" and ".", with "[]" at the end of a list.`,
  );
}
