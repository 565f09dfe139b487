/** A bare item of RFC 9651: tokens and strings are both texts here, other kinds stay what they look like. */
export type BareItem = string | number | boolean;

interface FieldMember {
  readonly value: BareItem;
  readonly parameters: Readonly<Record<string, BareItem>>;
}

/**
 * Reads a list of items with parameters (RFC 9651 section 4.2.1). Inner lists, which none of our headers has, count as
 * malformed; a malformed field is ignored as a whole, as section 4.2 requires: `[]`.
 */
export function parseFieldList(text: string): readonly FieldMember[] {
  const members: FieldMember[] = [];
  let rest = text.replace(/^ +/, '');
  while (rest !== '') {
    const item = takeItem(rest);
    if (item === undefined) return [];
    const parameters = takeParameters(item.rest);
    if (parameters === undefined) return [];
    members.push({ value: item.value, parameters: parameters.value });
    const after = withoutSpace(parameters.rest);
    if (after === '') return members;
    rest = after.startsWith(',') ? withoutSpace(after.slice(1)) : '';
    if (rest === '') return [];
  }
  return members;
}

/** Optional white space of HTTP is only SP and HTAB (RFC 9110 section 5.6.3). */
function withoutSpace(text: string): string {
  return text.replace(/^[\t ]+/, '');
}

/** A token where the text is one, else a string (RFC 9651 sections 3.3.3 and 3.3.4). The text must be printable ASCII. */
export function formatText(text: string): string {
  return /^[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*$/.test(text) ? text : formatString(text);
}

function formatString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** RFC 9651 section 3.3.1: at most 15 digits. */
export function formatInteger(value: number): string {
  const bound = 999_999_999_999_999;
  return String(Math.max(-bound, Math.min(bound, Math.trunc(value))) || 0);
}

interface Taken<Value> {
  readonly value: Value;
  readonly rest: string;
}

function takeParameters(text: string): Taken<Record<string, BareItem>> | undefined {
  const entries = new Map<string, BareItem>();
  let rest = text;
  while (rest.startsWith(';')) {
    const [matched, key = ''] = /^; *([a-z*][a-z0-9_.*-]*)/.exec(rest) ?? [];
    if (matched === undefined) return undefined;
    rest = rest.slice(matched.length);
    if (!rest.startsWith('=')) {
      entries.set(key, true);
      continue;
    }
    const item = takeItem(rest.slice(1));
    if (item === undefined) return undefined;
    entries.set(key, item.value);
    rest = item.rest;
  }
  return { value: Object.fromEntries(entries), rest };
}

const itemKinds: readonly (readonly [pattern: RegExp, read: (text: string) => BareItem])[] = [
  [/^"(?:[ !#-[\]-~]|\\["\\])*"/, (text) => text.slice(1, -1).replace(/\\(["\\])/g, '$1')],
  [/^-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/, Number],
  [/^[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*/, (text) => text],
  [/^\?[01]/, (text) => text === '?1'],
  // Byte sequences, dates and display strings: kept as they are written.
  [/^(?::[A-Za-z0-9+/=]*:|@-?\d{1,15}|%"[ !#-~]*")/, (text) => text],
];

function takeItem(text: string): Taken<BareItem> | undefined {
  for (const [pattern, read] of itemKinds) {
    const matched = pattern.exec(text)?.[0];
    if (matched !== undefined) return { value: read(matched), rest: text.slice(matched.length) };
  }
  return undefined;
}
