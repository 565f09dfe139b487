import { type ApiError, badRequest } from './api-error.ts';

/**
 * A call's parameters as they count for its signature: `name[]` stands under its bare name, its values joined by commas.
 * A map, so that a parameter called `__proto__` is a parameter like any other.
 */
export type Fields = ReadonlyMap<string, string>;

export const maxFields = 100;
export const maxFieldNameLength = 100;
/** Characters of one value; `file`, which may hold a data URI, has a limit of its own. */
const maxFieldLength = 65_536;

export interface FieldCollector {
  /** @throws {ApiError} 400 when a parameter is repeated, too long or one too many */
  add(name: string, value: string): void;
  fields(): Fields;
}

/**
 * Gathers parameters as they arrive. A repeated plain parameter is refused: a signature covers one value, and which one
 * of two is meant cannot be known.
 */
export function fieldCollector(): FieldCollector {
  const values = new Map<string, { readonly isList: boolean; readonly items: string[] }>();
  let count = 0;
  return {
    add(name, value) {
      count += 1;
      if (count > maxFields) throw badRequest(`Too many parameters. At most ${maxFields} are accepted.`);
      if (name.length > maxFieldNameLength) {
        throw badRequest(`A parameter name is longer than ${maxFieldNameLength} characters`);
      }
      const isList = name.endsWith('[]');
      const bareName = isList ? name.slice(0, -2) : name;
      if (bareName !== 'file' && value.length > maxFieldLength) throw fieldTooLong(bareName);
      const known = values.get(bareName);
      if (known === undefined) {
        values.set(bareName, { isList, items: [value] });
      } else if (isList && known.isList) {
        known.items.push(value);
      } else {
        throw badRequest(`Parameter ${bareName} was sent more than once. Send it once.`);
      }
    },
    fields: () => new Map([...values].map(([name, { items }]) => [name, items.join(',')])),
  };
}

function fieldTooLong(name: string): ApiError {
  return badRequest(`Parameter ${name} is longer than ${maxFieldLength} characters`);
}

/**
 * Parameters of a body that was parsed to an object. Lists of plain values are joined by commas, other structures are
 * kept as JSON text, `null` is absent.
 */
export function fieldsOf(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('The body must be a JSON object of parameters');
  }
  const collector = fieldCollector();
  for (const [name, value] of Object.entries(body)) {
    const text = fieldText(value);
    if (text !== undefined) collector.add(name.endsWith('[]') ? name.slice(0, -2) : name, text);
  }
  return collector.fields();
}

function fieldText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(String).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
