import { z } from 'zod';
import type { JsonSchema, ParameterObject } from './open-api-object.ts';
import { parameterTexts } from './parameter-texts.ts';

/** The parameters of an operation, as the schema that checks them describes them. */
export interface CheckedParameters {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

/** Parameters that every signed call has, and that Basic authorization makes unnecessary. */
const ofSignatures = ['api_key', 'timestamp', 'signature'];
const listTexts: ReadonlySet<string> = new Set(['tags', 'tag', 'allowed_formats', 'public_ids']);
const pairTexts: ReadonlySet<string> = new Set(['context', 'metadata', 'sort_by']);

/** The input of a zod schema, as JSON Schema. */
export function checkedParameters(schema: z.ZodType): CheckedParameters {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return { properties: properties as CheckedParameters['properties'], required };
}

/** Adds parameters that the operation reads without its schema. */
export function withParameters(
  { properties, required }: CheckedParameters,
  names: readonly string[],
): CheckedParameters {
  const more = names.map((name): [string, JsonSchema] => [name, { type: 'string' }]);
  return { properties: { ...properties, ...Object.fromEntries(more) }, required };
}

export function withSignature(parameters: CheckedParameters): CheckedParameters {
  return withParameters(parameters, ofSignatures);
}

/** Only some of the parameters. */
export function pickParameters(
  { properties, required }: CheckedParameters,
  isChosen: (name: string) => boolean,
): CheckedParameters {
  return {
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => isChosen(name))),
    required: required.filter(isChosen),
  };
}

/** The parameters of a path or a query. */
export function parameterObjects(
  { properties, required }: CheckedParameters,
  place: 'path' | 'query',
): readonly ParameterObject[] {
  return Object.entries(properties).map(([name, schema]): ParameterObject => {
    const common = { name, in: place, ...described(name), required: place === 'path' || required.includes(name) };
    if (!isList(schema)) return { ...common, schema };
    return { ...common, schema: { type: 'array', items: { type: 'string' } }, style: 'form', explode: false };
  });
}

/** The schema of a urlencoded or multipart body: every parameter is a text. */
export function formSchema({ properties, required }: CheckedParameters): JsonSchema {
  const texts = Object.entries(properties).map(([name, schema]): [string, JsonSchema] => [
    name,
    { ...(isList(schema) ? { type: 'string' } : schema), ...described(name) },
  ]);
  return objectSchema(Object.fromEntries(texts), required);
}

/** The schema of a JSON body: the same texts, and in place of them booleans, numbers, lists and objects. */
export function jsonSchema({ properties, required }: CheckedParameters): JsonSchema {
  const values = Object.entries(properties).map(([name, schema]): [string, JsonSchema] => [
    name,
    { ...jsonValue(name, schema), ...described(name) },
  ]);
  return objectSchema(Object.fromEntries(values), required);
}

function objectSchema(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): JsonSchema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

function jsonValue(name: string, schema: JsonSchema): JsonSchema {
  const { enum: values } = schema;
  if (Array.isArray(values) && values.includes('true')) return { enum: [true, false, ...values] };
  if (name === 'max_results' || name === 'timestamp') return { anyOf: [{ type: 'integer' }, schema] };
  if (listTexts.has(name) && !isList(schema) && !Array.isArray(values)) {
    return { anyOf: [schema, { type: 'array', items: { type: 'string' } }] };
  }
  if (pairTexts.has(name)) return { anyOf: [schema, { type: name === 'sort_by' ? 'array' : 'object' }] };
  return schema;
}

function isList({ anyOf }: JsonSchema): boolean {
  return Array.isArray(anyOf) && anyOf.some(({ type }) => type === 'array');
}

function described(name: string): { readonly description?: string } {
  const description = parameterTexts[name];
  return description === undefined ? {} : { description };
}
