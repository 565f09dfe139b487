import type { SearchCondition } from '@safelight/core';
import type { ExpressionText, Term } from './expression-text.ts';
import type { NamedField } from './search-names.ts';
import { bytesValue, numberValue, ratioValue, relativeTime, timeValue, type ValueSpan } from './search-values.ts';

export type Operator = ':' | '=' | '>' | '>=' | '<' | '<=';

/** A field as an expression names it. */
export interface FieldName extends NamedField {
  readonly name: string;
  /** The part after the dot: `alt` of `context.alt`. */
  readonly key?: string;
  /** Where the name begins. */
  readonly at: number;
}

export const everything: SearchCondition = { kind: 'all', conditions: [] };
const nothing: SearchCondition = { kind: 'any', conditions: [] };

/** The condition of `field operator term`. @throws {ApiError} 400 when the value does not fit the field */
export function fieldCondition(
  expression: ExpressionText,
  { name, operator, nowMs }: { readonly name: FieldName; readonly operator: Operator; readonly nowMs: number },
  term: Term,
): SearchCondition {
  if (name.kind === 'constant' || name.kind === 'text') {
    if (operator !== ':' && operator !== '=') {
      throw expression.fault(`${name.name} is a text, so it takes : or =, not ${operator}.`, name.at);
    }
    return name.kind === 'constant' ? constantCondition(name, term) : textCondition(name, operator, term);
  }
  if (term.isPrefix) {
    if (term.text === '') return { kind: 'exists', field: name.field };
    throw expression.fault(`${name.name} takes no *, since it is not a text.`, term.at);
  }
  const value = spanOf(expression, name, term, nowMs);
  const { field } = name;
  const first = { value: value.from, isInclusive: true };
  const last = { value: value.to, isInclusive: !value.isOpen };
  switch (operator) {
    case '>':
      return { kind: 'range', field, from: { value: value.to, isInclusive: value.isOpen } };
    case '>=':
      return { kind: 'range', field, from: first };
    case '<':
      return { kind: 'range', field, to: { value: value.from, isInclusive: false } };
    case '<=':
      return { kind: 'range', field, to: last };
    default:
      // `created_at:3d` is the time since then.
      if (name.kind === 'time' && relativeTime(term.text, nowMs) !== undefined)
        return { kind: 'range', field, from: first };
      if (value.from === value.to) return { kind: 'equals', field, value: value.from };
      return { kind: 'range', field, from: first, to: last };
  }
}

/** One end of `[a TO b]`; `*` has no value. @throws {ApiError} 400 when the value does not fit the field */
export function rangeEnd(
  expression: ExpressionText,
  { name, nowMs }: { readonly name: FieldName; readonly nowMs: number },
  term: Term,
): ValueSpan | undefined {
  if (name.kind === 'text' || name.kind === 'constant') {
    throw expression.fault(`${name.name} is a text, which has no ranges.`, name.at);
  }
  if (term.isPrefix && term.text === '') return undefined;
  return spanOf(expression, name, term, nowMs);
}

const shapes = {
  number: 'a number, such as 200',
  bytes: 'a size, such as 500000, 20kb or 1.5mb',
  ratio: 'a ratio, such as "16:9" or 1.78',
  time: 'a time, such as 2026-01-31, 2026-01-31T10:00:00Z, 1769850000 or 3d',
} as const;

function spanOf(expression: ExpressionText, name: FieldName, { text, at }: Term, nowMs: number): ValueSpan {
  const kind = name.kind as keyof typeof shapes;
  const readers = { number: numberValue, bytes: bytesValue, ratio: ratioValue, time: timeValue };
  const value = readers[kind](text, nowMs);
  if (value === undefined) throw expression.fault(`${name.name} takes ${shapes[kind]}.`, at);
  return value;
}

function constantCondition({ value = '' }: FieldName, { text, isPrefix }: Term): SearchCondition {
  const searched = text.toLowerCase();
  return (isPrefix ? value.startsWith(searched) : value === searched) ? everything : nothing;
}

function textCondition(name: FieldName, operator: ':' | '=', { text, isPrefix }: Term): SearchCondition {
  const { field, hasWords = false, isAlwaysSet = false } = name;
  const key = name.key !== undefined && field === 'context' ? { key: name.key } : {};
  if (isPrefix && text === '') return isAlwaysSet ? everything : { kind: 'exists', field, ...key };
  // Metadata is one text, such as `colour=red|size=5`, in which the value follows its key.
  const value = name.key !== undefined && field === 'metadata' ? `${name.key} ${text}` : text;
  if (name.key !== undefined && field === 'metadata') return { kind: 'words', field, value };
  if (isPrefix && isAlwaysSet && text.endsWith('/')) {
    // `folder:a/*` also finds the assets of the folder itself.
    const folder: SearchCondition = { kind: 'equals', field, value: text.slice(0, -1) };
    return { kind: 'any', conditions: [folder, { kind: 'begins', field, value }] };
  }
  if (isPrefix) return { kind: 'begins', field, ...key, value };
  if (operator === '=' || !hasWords) return { kind: 'equals', field, ...key, value };
  const words: SearchCondition = { kind: 'words', field, ...key, value };
  if (field !== 'context' || name.key !== undefined) return words;
  return { kind: 'any', conditions: [words, { kind: 'exists', field, key: value }] };
}
