import { type ApiError, badRequest } from '../upload-api/api-error.ts';

/** A word or a quoted text of an expression, without its escapes. */
export interface Term {
  readonly text: string;
  /** Whether a `*` follows the text. */
  readonly isPrefix: boolean;
  readonly isQuoted: boolean;
  /** Where it begins, from 0. */
  readonly at: number;
}

/** Reads an expression from left to right, each character once. */
export interface ExpressionText {
  /** The position of the next character, from 0. */
  at(): number;
  isAtEnd(): boolean;
  skipSpaces(): void;
  /** Whether the text is next. */
  isNext(text: string): boolean;
  /** Takes the first of these texts that is next. */
  take(...texts: readonly string[]): string | undefined;
  /** The same, also after spaces, which stay when none is next. */
  takeAfterSpaces(...texts: readonly string[]): string | undefined;
  /** Whether a word in capitals, such as `AND`, is next, and a space, a parenthesis or the end follows. */
  isWordNext(word: string): boolean;
  /** Takes such a word. */
  takeWord(word: string): boolean;
  /**
   * Takes a quoted text, or characters up to a space or one of `ends`.
   * @returns `undefined` when neither is next
   * @throws {ApiError} 400 when a quote is not closed, or a `*` is not at the end
   */
  takeTerm(ends: string): Term | undefined;
  /** @param at - where the piece begins that cannot be read. @default the next character */
  fault(problem: string, at?: number): ApiError;
}

const shownCharacters = 40;

export function expressionText(expression: string): ExpressionText {
  let at = 0;

  const fault = (problem: string, from = at): ApiError => {
    const rest = expression.slice(from, from + shownCharacters);
    const piece = rest === '' ? 'the end' : JSON.stringify(rest);
    return badRequest(`Invalid expression. At position ${from + 1}, ${piece}: ${problem}`);
  };

  function skipSpaces(): void {
    while (isSpace(expression[at])) at += 1;
  }

  function take(...texts: readonly string[]): string | undefined {
    const found = texts.find((text) => expression.startsWith(text, at));
    at += found?.length ?? 0;
    return found;
  }

  function isWordNext(word: string): boolean {
    const next = expression[at + word.length];
    return expression.startsWith(word, at) && (next === undefined || isSpace(next) || '()'.includes(next));
  }

  function takeTerm(ends: string): Term | undefined {
    const scanned = scanTerm(expression, at, { ends, fault });
    at = scanned?.end ?? at;
    return scanned?.term;
  }

  return {
    at: () => at,
    isAtEnd: () => at >= expression.length,
    skipSpaces,
    isNext: (text) => expression.startsWith(text, at),
    take,
    takeAfterSpaces(...texts) {
      const from = at;
      skipSpaces();
      const found = take(...texts);
      if (found === undefined) at = from;
      return found;
    },
    isWordNext,
    takeWord(word) {
      const isNext = isWordNext(word);
      if (isNext) at += word.length;
      return isNext;
    },
    takeTerm,
    fault,
  };
}

function scanTerm(
  expression: string,
  from: number,
  { ends, fault }: { readonly ends: string; readonly fault: ExpressionText['fault'] },
): { readonly term: Term; readonly end: number } | undefined {
  const isQuoted = expression[from] === '"';
  let end = isQuoted ? from + 1 : from;
  let text = '';
  let star: number | undefined;
  for (; end < expression.length; end += 1) {
    let char = expression[end] ?? '';
    if (isQuoted ? char === '"' : isSpace(char) || char === '"' || ends.includes(char)) break;
    if (star !== undefined) throw fault('A * can be only at the end of a value. Escape a plain * as \\*.', star);
    if (char === '*') {
      star = end;
      continue;
    }
    if (char === '\\') {
      end += 1;
      if (end >= expression.length) throw fault('A backslash must be followed by a character.', end - 1);
      char = expression[end] ?? '';
    }
    text += char;
  }
  if (isQuoted && end >= expression.length) throw fault('The quote is not closed.', from);
  if (!isQuoted && end === from) return undefined;
  const term = { text, isPrefix: star !== undefined, isQuoted, at: from };
  return { term, end: isQuoted ? end + 1 : end };
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char);
}
