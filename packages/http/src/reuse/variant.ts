import { fieldText, type ReceivedFields, type ResponseHead } from './response-head.ts';

/** The request fields that a response varies by, with the request's values; `null` where one is absent. Fits JSON. */
export type Variant = Readonly<Record<string, string | null>>;

/** Fields that differ for each client, or that should not be stored on a disk. */
const personal = new Set(['cookie', 'authorization']);

const maxCharacters = 4096;

/**
 * The requests that a response may be reused for (RFC 9111 section 4.1). `{}` when it does not vary. `undefined` when
 * it can be reused for no other request (`Vary: *`), when it varies by a field that differs for each client, or when
 * the fields have more than 4096 characters together.
 */
export function variantOf(request: ReceivedFields, { headers }: Pick<ResponseHead, 'headers'>): Variant | undefined {
  const named = (fieldText(headers, 'vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const names = named.filter((name) => name !== '').sort();
  if (names.some((name) => personal.has(name) || !/^[!#$%&'+.^_`|~\w-]+$/.test(name))) return undefined;
  const entries = names.map((name) => [name, plainValue(request, name)] as const);
  const characters = entries.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
  // Unlike an assignment, fromEntries makes an ordinary property of `__proto__` too.
  return characters > maxCharacters ? undefined : Object.fromEntries(entries);
}

/** Whether a response that was stored for a variant may be reused for this request. */
export function matchesVariant(request: ReceivedFields, variant: Variant): boolean {
  return Object.entries(variant).every(([name, value]) => plainValue(request, name) === value);
}

function plainValue(request: ReceivedFields, name: string): string | null {
  const text = fieldText(request, name)?.trim();
  if (text === undefined) return null;
  // In a quoted string, commas and capital letters are significant.
  if (!lists.has(name) || text.includes('"')) return text;
  const members = text
    .split(',')
    .map(plainMember)
    .filter((member) => member !== '');
  return (name === 'accept-language' ? members : members.sort()).join(',');
}

/**
 * Lists with members that are ranked by their weights: spaces, capital letters and order have no meaning (RFC 9110
 * section 12.5). For languages the order has one: many servers take it as the preference (section 12.5.4).
 */
const lists = new Set(['accept', 'accept-charset', 'accept-encoding', 'accept-language']);

function plainMember(member: string): string {
  const [range = '', ...parameters] = member.split(';').map((part) => part.trim());
  return [range.toLowerCase(), ...parameters.map(plainParameter).filter((parameter) => parameter !== '')].join(';');
}

/** A missing weight is 1, and a weight may have zeros at its end. The meaning of other parameters is not known. */
function plainParameter(parameter: string): string {
  const [, weight] = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter) ?? [];
  if (weight === undefined) return parameter;
  return Number(weight) === 1 ? '' : `q=${Number(weight)}`;
}
