import { fieldText, type ReceivedFields, type ResponseHead } from './response-head.ts';

/** The request fields by which a response varies, with the request's values; `null` for an absent field. Fits JSON. */
export type Variant = Readonly<Record<string, string | null>>;

/** Fields that differ for each client, and that should not be stored on a disk. */
const personal = new Set(['cookie', 'authorization']);

const maxCharacters = 4096;

/**
 * Describes the requests for which a response may be reused (RFC 9111 section 4.1). `{}` when it does not vary.
 * `undefined` when it cannot be reused for another request (`Vary: *`), when it varies by a field that differs for each
 * client (`Cookie`, `Authorization`), or when the fields have more than 4096 characters together.
 *
 * @example
 * variantOf({ accept: 'image/avif, image/webp' }, { headers: { vary: 'Accept' } }); // { accept: 'image/avif,image/webp' }
 */
export function variantOf(request: ReceivedFields, { headers }: Pick<ResponseHead, 'headers'>): Variant | undefined {
  const named = (fieldText(headers, 'vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
  // A name that is repeated counts once, also because the value of its field may be long.
  const names = [...new Set(named)].filter((name) => name !== '').sort();
  if (names.some((name) => personal.has(name) || !/^[!#$%&'+.^_`|~\w-]+$/.test(name))) return undefined;
  const entries = names.map((name) => [name, normalizedValue(request, name)] as const);
  const characters = entries.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
  // For the name `__proto__`, fromEntries makes an ordinary property; an assignment would not.
  return characters > maxCharacters ? undefined : Object.fromEntries(entries);
}

/**
 * Whether a response that was stored for a variant may be reused for this request.
 *
 * @example
 * const variant = variantOf({ accept: 'image/avif' }, { headers: { vary: 'Accept' } });
 * variant && matchesVariant({ accept: 'image/webp' }, variant); // false
 */
export function matchesVariant(request: ReceivedFields, variant: Variant): boolean {
  return Object.entries(variant).every(([name, value]) => normalizedValue(request, name) === value);
}

function normalizedValue(request: ReceivedFields, name: string): string | null {
  const text = fieldText(request, name)?.trim();
  if (text === undefined) return null;
  // Commas and capital letters have a meaning in a quoted string.
  if (!lists.has(name) || text.includes('"')) return text;
  const members = text
    .split(',')
    .map(normalizedMember)
    .filter((member) => member !== '');
  return (name === 'accept-language' ? members : members.sort()).join(',');
}

/**
 * Fields with a list of members that have weights (RFC 9110 section 12.5): spaces, capital letters and order have no
 * meaning. Only the order of languages counts, because many servers take it as the preference (section 12.5.4).
 */
const lists = new Set(['accept', 'accept-charset', 'accept-encoding', 'accept-language']);

function normalizedMember(member: string): string {
  const [range = '', ...parameters] = member.split(';').map((part) => part.trim());
  return [range.toLowerCase(), ...parameters.map(normalizedParameter).filter((parameter) => parameter !== '')].join(
    ';',
  );
}

/** A missing weight is 1, and a weight may end in zeros. Other parameters stay as they are: their meaning is unknown. */
function normalizedParameter(parameter: string): string {
  const [, weight] = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter) ?? [];
  if (weight === undefined) return parameter;
  return Number(weight) === 1 ? '' : `q=${Number(weight)}`;
}
