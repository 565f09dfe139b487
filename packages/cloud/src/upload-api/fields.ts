import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './api-error.ts';

/**
 * A call's parameters as they count for its signature: `name[]` stands under its bare name, its values joined by commas.
 * A map, so that a parameter called `__proto__` is a parameter like any other.
 */
export type Fields = ReadonlyMap<string, string>;

/** A parameter as it was sent. */
export type FieldPair = readonly [name: string, value: string];

export const maxFields = 100;
export const maxFieldNameLength = 100;
/** Characters of one value; `file`, which may hold a data URI, has a limit of its own. */
const maxFieldLength = 65_536;

/**
 * The parameters of a form. A repeated plain parameter is refused: a signature covers one value, and which one of two is
 * meant cannot be known.
 *
 * @throws {ApiError} 400 when a parameter is repeated, too long or one too many
 */
export function fieldsFrom(pairs: Iterable<FieldPair>): Fields {
  const values = new Map<string, { readonly isList: boolean; readonly items: string[] }>();
  let count = 0;
  for (const [name, value] of pairs) {
    count += 1;
    if (count > maxFields) throw badRequest(`Too many parameters. At most ${maxFields} are accepted.`);
    if (name.length > maxFieldNameLength) {
      throw badRequest(`A parameter name is longer than ${maxFieldNameLength} characters`);
    }
    const isList = name.endsWith('[]');
    const bareName = isList ? name.slice(0, -2) : name;
    if (bareName !== 'file' && value.length > maxFieldLength) {
      throw badRequest(`Parameter ${bareName} is longer than ${maxFieldLength} characters`);
    }
    const known = values.get(bareName);
    if (known === undefined) values.set(bareName, { isList, items: [value] });
    else if (isList && known.isList) known.items.push(value);
    else throw badRequest(`Parameter ${bareName} was sent more than once. Send it once.`);
  }
  return new Map([...values].map(([name, { items }]) => [name, items.join(',')]));
}

/**
 * Parameters of a body that was parsed to an object. Lists of plain values are joined by commas, other structures are
 * kept as JSON text, `null` is absent.
 */
export function fieldsOf(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('The body must be a JSON object of parameters');
  }
  const pairs: FieldPair[] = [];
  for (const [name, value] of Object.entries(body)) {
    const text = textOfField(value);
    if (text !== undefined) pairs.push([name.endsWith('[]') ? name.slice(0, -2) : name, text]);
  }
  return fieldsFrom(pairs);
}

/**
 * Reads a body that is not multipart.
 *
 * @param mediaType - lower case, without parameters
 * @throws {ApiError} 400 malformed, 413 larger than `maxBytes`, 415 of another media type
 */
export async function readFields(req: IncomingMessage, mediaType: string, maxBytes: number): Promise<Fields> {
  const text = await readText(req, maxBytes);
  if (text === '') return new Map();
  if (mediaType === 'application/json') return fieldsOf(parseBody(text));
  if (mediaType === 'application/x-www-form-urlencoded') return fieldsFrom(new URLSearchParams(text));
  throw new ApiError(
    415,
    'Unsupported content type. Send multipart/form-data, application/x-www-form-urlencoded or application/json.',
  );
}

async function readText(req: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // `destroyOnReturn: false`: a refusal must still reach the client on this connection
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes)
      throw new ApiError(413, `The body is larger than ${maxBytes} bytes. Send files as multipart.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The body is not valid JSON');
  }
}

function textOfField(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(String).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
