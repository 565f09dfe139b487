import type { SearchCondition } from '@safelight/core';
import { nearName } from '@safelight/protocol';
import { badRequest } from '../upload-api/api-error.ts';
import { type ExpressionText, expressionText, type Term } from './expression-text.ts';
import { everything, type FieldName, fieldCondition, type Operator, rangeEnd } from './field-condition.ts';
import { namedFields } from './search-names.ts';

export const maxExpressionLength = 10_000;
const maxDepth = 32;
const maxConditions = 200;

/**
 * Reads an expression of Cloudinary's search API. The time is linear in its length. An empty expression finds all assets.
 *
 * @param options.nowMs - the time from which `3d` counts, in epoch milliseconds
 * @throws {ApiError} 400 when a piece cannot be read; the message has the piece and its position
 * @example
 * readSearchExpression('tags=pet AND bytes>1mb', { nowMs: Date.now() });
 */
export function readSearchExpression(expression: string, { nowMs }: { readonly nowMs: number }): SearchCondition {
  if (expression.length > maxExpressionLength) {
    throw badRequest(`Invalid expression. It has more than ${maxExpressionLength} characters.`);
  }
  const text = expressionText(expression);
  text.skipSpaces();
  if (text.isAtEnd()) return everything;
  const reader: Reader = { text, nowMs, conditions: 0, depth: 0 };
  const condition = readAny(reader, undefined);
  if (!text.isAtEnd())
    throw text.fault(text.take(')') === undefined ? 'This cannot be read.' : 'No parenthesis is open.');
  return condition;
}

interface Reader {
  readonly text: ExpressionText;
  readonly nowMs: number;
  conditions: number;
  depth: number;
}

/** The field and the operator before a parenthesis: `tags:(a OR b)`. */
interface Subject {
  readonly name: FieldName;
  readonly operator: Operator;
}

function readAny(reader: Reader, subject: Subject | undefined): SearchCondition {
  const { text } = reader;
  const conditions = [readAll(reader, subject)];
  while (text.takeWord('OR') || text.take('||') !== undefined) conditions.push(readAll(reader, subject));
  return joined('any', conditions);
}

function readAll(reader: Reader, subject: Subject | undefined): SearchCondition {
  const { text } = reader;
  const conditions: SearchCondition[] = [];
  let isJoined = true;
  for (;;) {
    text.skipSpaces();
    const isOver = text.isAtEnd() || [')', '||', '&&'].some(text.isNext) || ['OR', 'AND'].some(text.isWordNext);
    if (!isOver) conditions.push(readNot(reader, subject));
    else if (isJoined) throw text.fault('A condition is missing here.');
    else return joined('all', conditions);
    text.skipSpaces();
    // Conditions without a word between them are joined by AND, too.
    isJoined = text.takeWord('AND') || text.take('&&') !== undefined;
  }
}

function joined(kind: 'all' | 'any', conditions: readonly SearchCondition[]): SearchCondition {
  const [only, ...others] = conditions;
  return only !== undefined && others.length === 0 ? only : { kind, conditions };
}

function readNot(reader: Reader, subject: Subject | undefined): SearchCondition {
  const { text } = reader;
  let isNegated = false;
  while (text.takeWord('NOT') || text.take('-', '!') !== undefined) {
    isNegated = !isNegated;
    text.skipSpaces();
  }
  const condition = readOne(reader, subject);
  return isNegated ? { kind: 'not', condition } : condition;
}

function readOne(reader: Reader, subject: Subject | undefined): SearchCondition {
  const { text } = reader;
  const from = text.at();
  if (text.take('(') !== undefined) return readGroup(reader, from, subject);
  reader.conditions += 1;
  if (reader.conditions > maxConditions) throw text.fault(`The expression has more than ${maxConditions} conditions.`);
  const term = text.takeTerm(subject === undefined ? '()[]{}:=<>' : '()[]{}');
  if (term === undefined) throw text.fault('A word, a field or a parenthesis is expected here.');
  if (subject !== undefined) return fieldCondition(text, { ...subject, nowMs: reader.nowMs }, term);
  const operator = term.isQuoted ? undefined : readOperator(text);
  if (operator === undefined) return anywhere(term);
  return readValue(reader, { name: fieldOf(text, term), operator });
}

function readGroup(reader: Reader, from: number, subject: Subject | undefined): SearchCondition {
  const { text } = reader;
  reader.depth += 1;
  if (reader.depth > maxDepth) throw text.fault(`More than ${maxDepth} parentheses are open.`, from);
  const condition = readAny(reader, subject);
  if (text.take(')') === undefined) throw text.fault('The parenthesis is not closed.', from);
  reader.depth -= 1;
  return condition;
}

/** `bytes > 5`, `bytes:5` and `bytes:>5` have an operator. */
function readOperator(text: ExpressionText): Operator | undefined {
  const first = text.takeAfterSpaces('>=', '<=', '>', '<', '=', ':');
  if (first !== ':') return first as Operator | undefined;
  return (text.takeAfterSpaces('>=', '<=', '>', '<', '=') ?? ':') as Operator;
}

function anywhere({ text, isPrefix }: Term): SearchCondition {
  return isPrefix && text === '' ? everything : { kind: 'anywhere', value: text, isPrefix };
}

function readValue(reader: Reader, subject: Subject): SearchCondition {
  const { text } = reader;
  text.skipSpaces();
  const from = text.at();
  if (text.take('(') !== undefined) return readGroup(reader, from, subject);
  const bracket = text.take('[', '{');
  if (bracket !== undefined) return readRange(reader, subject, { from, isOpen: bracket === '{' });
  const term = text.takeTerm('()[]{}');
  if (term === undefined) throw text.fault(`The value of ${subject.name.name} is missing.`);
  return fieldCondition(text, { ...subject, nowMs: reader.nowMs }, term);
}

function readRange(
  reader: Reader,
  { name }: Subject,
  { from, isOpen }: { readonly from: number; readonly isOpen: boolean },
): SearchCondition {
  const { text, nowMs } = reader;
  const first = readRangeEnd(reader, from);
  if (!text.takeWord('TO')) throw text.fault('TO is expected between the ends of a range.');
  const last = readRangeEnd(reader, from);
  const bracket = text.take(']', '}');
  if (bracket === undefined) throw text.fault('The range is not closed.', from);
  const [low, high] = [rangeEnd(text, { name, nowMs }, first), rangeEnd(text, { name, nowMs }, last)];
  return {
    kind: 'range',
    field: name.field,
    ...(low && {
      from: isOpen ? { value: low.to, isInclusive: low.isOpen } : { value: low.from, isInclusive: true },
    }),
    ...(high && {
      to: bracket === '}' ? { value: high.from, isInclusive: false } : { value: high.to, isInclusive: !high.isOpen },
    }),
  };
}

function readRangeEnd({ text }: Reader, from: number): Term {
  text.skipSpaces();
  const term = text.takeTerm('()[]{}');
  if (term === undefined) throw text.fault('The range must have two ends, such as [1 TO 5].', from);
  text.skipSpaces();
  return term;
}

function fieldOf(text: ExpressionText, term: Term): FieldName {
  const dot = term.text.indexOf('.');
  const name = dot < 0 ? term.text : term.text.slice(0, dot);
  const key = dot < 0 ? undefined : term.text.slice(dot + 1);
  const field = Object.hasOwn(namedFields, name) ? namedFields[name] : undefined;
  if (field !== undefined && (key === undefined || name === 'context' || name === 'metadata')) {
    return { ...field, name: term.text, at: term.at, ...(key !== undefined && { key }) };
  }
  const near = nearName(name, Object.keys(namedFields));
  const hint =
    near === undefined ? ` The fields are: ${Object.keys(namedFields).join(', ')}.` : ` Did you mean ${near}?`;
  throw text.fault(`The field ${JSON.stringify(term.text.slice(0, 40))} is unknown.${hint}`, term.at);
}
