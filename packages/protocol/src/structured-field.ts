/**
 * A bare item (RFC 9651 section 3.3). Tokens and strings are both a `string`; so are byte sequences and dates, as they
 * are written.
 */
export type BareItem = string | number | boolean;

interface FieldMember {
  readonly value: BareItem;
  readonly parameters: Readonly<Record<string, BareItem>>;
}

/**
 * Reads a list of items with parameters (RFC 9651 section 4.2.1). An inner list counts as malformed, because none of
 * our headers has one.
 *
 * @returns `[]` for a malformed field: section 4.2 requires that such a field is ignored as a whole
 */
export function parseFieldList(text: string): readonly FieldMember[] {
  return readMembers(text, takeMember) ?? [];
}

/**
 * Reads a dictionary (RFC 9651 section 4.2.2), without the parameters of its members. Of a repeated key, the last value
 * counts. An inner list stays as it is written. Never throws.
 *
 * @returns `undefined` for a malformed field
 * @example
 * parseFieldDictionary('max-age=60, public')?.get('max-age'); // 60
 * parseFieldDictionary('max-age = 60'); // undefined
 */
export function parseFieldDictionary(text: string): ReadonlyMap<string, BareItem> | undefined {
  const entries = readMembers(text, takeEntry);
  return entries && new Map(entries);
}

/** Reads members that are separated by commas. `undefined` when one is malformed, or after a comma at the end. */
function readMembers<Member>(
  text: string,
  take: (rest: string) => Taken<Member> | undefined,
): readonly Member[] | undefined {
  const members: Member[] = [];
  let rest = text.replace(/^ +/, '');
  while (rest !== '') {
    const member = take(rest);
    if (member === undefined) return undefined;
    members.push(member.value);
    const after = withoutSpace(member.rest);
    if (after === '') return members;
    rest = after.startsWith(',') ? withoutSpace(after.slice(1)) : '';
    if (rest === '') return undefined;
  }
  return members;
}

function takeMember(text: string): Taken<FieldMember> | undefined {
  const item = takeItem(text);
  const parameters = item && takeParameters(item.rest);
  return parameters && { value: { value: item.value, parameters: parameters.value }, rest: parameters.rest };
}

function takeEntry(text: string): Taken<readonly [key: string, value: BareItem]> | undefined {
  const key = /^[a-z*][a-z0-9_.*-]*/.exec(text)?.[0];
  if (key === undefined) return undefined;
  const rest = text.slice(key.length);
  const item = rest.startsWith('=') ? (takeItem(rest.slice(1)) ?? takeInnerList(rest.slice(1))) : { value: true, rest };
  const parameters = item && takeParameters(item.rest);
  return parameters && { value: [key, item.value], rest: parameters.rest };
}

function takeInnerList(text: string): Taken<BareItem> | undefined {
  const matched = /^\((?:[^"()]|"(?:[^"\\]|\\.)*")*\)/.exec(text)?.[0];
  return matched === undefined ? undefined : { value: matched, rest: text.slice(matched.length) };
}

/** Removes leading white space: only SP and HTAB (RFC 9110 section 5.6.3). */
function withoutSpace(text: string): string {
  return text.replace(/^[\t ]+/, '');
}

/**
 * Writes a text as a token if it can be one, otherwise as a string (RFC 9651 sections 3.3.4 and 3.3.3).
 *
 * @param text - printable ASCII
 */
export function formatText(text: string): string {
  return /^[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*$/.test(text) ? text : formatString(text);
}

function formatString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Writes a whole number with at most 15 digits (RFC 9651 section 3.3.1). A larger number becomes the largest one. */
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
  // Byte sequences, dates and display strings stay as they are written.
  [/^(?::[A-Za-z0-9+/=]*:|@-?\d{1,15}|%"[ !#-~]*")/, (text) => text],
];

function takeItem(text: string): Taken<BareItem> | undefined {
  for (const [pattern, read] of itemKinds) {
    const matched = pattern.exec(text)?.[0];
    if (matched !== undefined) return { value: read(matched), rest: text.slice(matched.length) };
  }
  return undefined;
}
