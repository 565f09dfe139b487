import { z } from 'zod';
import { badRequest } from './api-error.ts';
import type { Fields } from './fields.ts';

/**
 * Checks a call's parameters against an operation's schema. Parameters that it does not know are ignored, as Cloudinary's
 * API does; empty ones are absent.
 *
 * @throws {ApiError} 400 naming the first parameter that is missing or wrong
 */
export function readInput<Input>(schema: z.ZodType<Input>, fields: Fields): Input {
  const present = Object.fromEntries([...fields].filter(([, value]) => value !== ''));
  const checked = schema.safeParse(present);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const name = String(issue?.path[0] ?? '');
  if (!Object.hasOwn(present, name)) throw badRequest(`Missing required parameter - ${name}`);
  throw badRequest(`Invalid value for parameter ${name}: ${present[name]?.slice(0, 100)}. ${issue?.message}`);
}

/** `1`, `0`, `true` or `false`: SDKs send numbers on some calls and words on others. */
export const flag: z.ZodType<boolean> = z
  .enum(['1', '0', 'true', 'false'], { error: 'Expected 1, 0, true or false' })
  .transform((text) => text === '1' || text === 'true');

/** A short text. */
export const text: z.ZodType<string> = z.string().max(1_024, { error: 'Expected at most 1024 characters' });

const maxItems = 100;
const maxItemLength = 1_024;

/** Only public uploads exist here; a restricted type must not be taken for one. */
export const deliveryType: z.ZodType<'upload'> = z.literal('upload', { error: 'Only type upload is offered here' });

/** Transformations between `|`. */
export const eagerList: z.ZodType<readonly string[]> = z
  .string()
  .transform((eager) => eager.split('|').filter((wish) => wish !== ''));

/** Texts between commas, each once. */
export const commaList: z.ZodType<readonly string[]> = z
  .string()
  .transform((list) => [...new Set(list.split(',').map((item) => item.trim()))].filter((item) => item !== ''))
  .refine((items) => items.length <= maxItems && items.every((item) => item.length <= maxItemLength), {
    error: `Expected at most ${maxItems} values of at most ${maxItemLength} characters`,
  });

/** `name=value` pairs between `|`, with `\` before `=` and `|` that are meant; or a JSON object of texts. */
export const contextPairs: z.ZodType<Readonly<Record<string, string>>> = z
  .string()
  .transform((context, issues) => {
    const pairs = context.startsWith('{') ? jsonPairs(context) : textPairs(context);
    if (pairs !== undefined) return Object.fromEntries(pairs);
    issues.addIssue('Expected name=value pairs between |, with \\ before = and | that are meant');
    return z.NEVER;
  })
  .refine(
    (pairs) =>
      Object.keys(pairs).length <= maxItems &&
      Object.entries(pairs).every(([name, value]) => name.length <= maxItemLength && value.length <= maxItemLength),
    { error: `Expected at most ${maxItems} pairs of at most ${maxItemLength} characters` },
  );

type Pairs = readonly (readonly [string, string])[];

function textPairs(context: string): Pairs | undefined {
  const pairs = splitUnescaped(context, '|')
    .filter((pair) => pair !== '')
    .map((pair) => splitUnescaped(pair, '='));
  if (pairs.some((pair) => pair.length < 2)) return undefined;
  return pairs.map(([name = '', ...rest]) => [unescaped(name), unescaped(rest.join('='))] as const);
}

function jsonPairs(context: string): Pairs | undefined {
  try {
    const pairs = Object.entries(JSON.parse(context) as Record<string, unknown>);
    if (pairs.some(([, value]) => typeof value === 'object')) return undefined;
    return pairs.map(([name, value]) => [name, String(value)] as const);
  } catch {
    return undefined;
  }
}

function splitUnescaped(whole: string, separator: '|' | '='): readonly string[] {
  const parts = [''];
  for (const [token] of whole.matchAll(/\\.|./gs)) {
    if (token === separator) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts;
}

function unescaped(escaped: string): string {
  return escaped.replace(/\\([=|\\])/g, '$1');
}
