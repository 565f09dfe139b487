import { badRequest } from '../api-error.ts';
import type { Fields } from '../submission.ts';
import { createFieldCollector } from './field-collector.ts';

/** @throws {ApiError} 400 when the text is not a JSON object of parameters */
export function jsonFields(text: string, maxFields: number): Fields {
  if (text.trim() === '') return new Map();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badRequest('The body is not valid JSON');
  }
  return fieldsOf(body, { maxFields, maxFieldBytes: Number.POSITIVE_INFINITY });
}

/**
 * Reads the parameters of a parsed body. Lists of plain values are joined by commas. Other structures become JSON text.
 * A parameter that is `null` is absent.
 *
 * @throws {ApiError} 400 when the body is not an object, or has more or longer parameters than the limits
 */
export function fieldsOf(
  body: unknown,
  limits: { readonly maxFields: number; readonly maxFieldBytes: number },
): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('The body must be a JSON object of parameters');
  }
  const collector = createFieldCollector(limits);
  for (const [name, value] of Object.entries(body)) {
    const items = itemsOfField(value);
    const text = items?.join(',') ?? textOfField(value);
    if (text === undefined) continue;
    collector.count();
    collector.add(name, text, items);
  }
  return collector.fields();
}

function itemsOfField(value: unknown): readonly string[] | undefined {
  const isList = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  return isList ? value.map(String) : undefined;
}

function textOfField(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
