/** Letters A to Z in lower case. Other letters stay, as in SQLite's `NOCASE`. */
export function folded(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The words of a text: runs of letters, digits and the marks of letters. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}

/** Stands between two values in the full-text index, so that no phrase goes from one value into the next. */
const between = ' \uE000 ';

/** The words of values, as the full-text index takes them. */
export function indexedWords(values: readonly string[]): string {
  return values.map((value) => wordsOf(value).join(' ')).join(between);
}

/** The words of the values of a context. Each word begins with its key. */
export function indexedKeyedWords(context: Readonly<Record<string, string>>): string {
  return Object.entries(context)
    .map(([key, value]) => keyedWords(key, value).join(' '))
    .join(between);
}

export function keyedWords(key: string, value: string): readonly string[] {
  // The tokenizer of SQLite splits at ASCII punctuation and folds A to Z; other characters are parts of words.
  const oneWord = key.replace(/[^a-z0-9\u0080-\uFFFF]/g, (char) => String.fromCharCode(0xe100 + char.charCodeAt(0)));
  return wordsOf(value).map((word) => `${oneWord}\uE001${word}`);
}

/** A phrase in the language of FTS5. The words have no quotes. */
export function phrase(words: readonly string[], isPrefix: boolean): string {
  return `"${words.join(' ')}"${isPrefix ? ' *' : ''}`;
}

/**
 * The least text that is greater than all texts with this beginning, in the order of code points.
 *
 * @param space - `folded`: the order is that of folded texts, which do not have A to Z
 * @returns `undefined` when no text is greater
 */
export function afterPrefix(prefix: string, space: 'folded' | 'as is' = 'folded'): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  while (points.length > 0) {
    const last = (points.pop() ?? 0) + 1;
    if (last > 0x10ffff) continue;
    // Surrogates are not characters.
    const isSurrogate = last >= 0xd800 && last <= 0xdfff;
    const next = isSurrogate ? 0xe000 : space === 'folded' && last === 0x41 ? 0x5b : last;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}
