import { type AnswerHead, fieldText, type ReceivedFields } from './answer-head.ts';

/** The request fields that an answer varies by, each as it was asked with; `null` where it was absent. Survives JSON. */
export type Variant = Readonly<Record<string, string | null>>;

/** What no two clients share, or what should not lie on a disk. */
const personal = new Set(['cookie', 'authorization']);

const MOST_CHARACTERS = 4096;

/**
 * What an answer holds for (RFC 9111 section 4.1): `{}` when it does not vary; `undefined` when it can hold for no
 * further request (`Vary: *`), varies by what is one client's own, or the fields are longer together than 4096
 * characters.
 */
export function variantOf(request: ReceivedFields, { headers }: Pick<AnswerHead, 'headers'>): Variant | undefined {
  const named = (fieldText(headers, 'vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const names = named.filter((name) => name !== '').sort();
  if (names.some((name) => personal.has(name) || !/^[!#$%&'+.^_`|~\w-]+$/.test(name))) return undefined;
  const entries = names.map((name) => [name, plainValue(request, name)] as const);
  const characters = entries.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
  // fromEntries, unlike assignment, makes a field of `__proto__` too.
  return characters > MOST_CHARACTERS ? undefined : Object.fromEntries(entries);
}

/** Whether an answer that was kept for a variant holds for this request. */
export function matchesVariant(request: ReceivedFields, variant: Variant): boolean {
  return Object.entries(variant).every(([name, value]) => plainValue(request, name) === value);
}

function plainValue(request: ReceivedFields, name: string): string | null {
  const text = fieldText(request, name)?.trim();
  if (text === undefined) return null;
  // In a quoted string, commas and capitals are its own.
  if (!lists.has(name) || text.includes('"')) return text;
  const members = text
    .split(',')
    .map(plainMember)
    .filter((member) => member !== '');
  return (name === 'accept-language' ? members : members.sort()).join(',');
}

/**
 * Lists whose members are ranked by their weights: neither space nor capitals nor order says anything (RFC 9110 section
 * 12.5). Of languages the order does: many take it for the preference (section 12.5.4).
 */
const lists = new Set(['accept', 'accept-charset', 'accept-encoding', 'accept-language']);

function plainMember(member: string): string {
  const [range = '', ...parameters] = member.split(';').map((part) => part.trim());
  return [range.toLowerCase(), ...parameters.map(plainParameter).filter((parameter) => parameter !== '')].join(';');
}

/** A weight is 1 unless it says otherwise, and may have zeros at its end; what other parameters mean is not known. */
function plainParameter(parameter: string): string {
  const [, weight] = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter) ?? [];
  if (weight === undefined) return parameter;
  return Number(weight) === 1 ? '' : `q=${Number(weight)}`;
}
