import { nearName, type ResourceType } from '@safelight/protocol';
import { z } from 'zod';
import { maxItemLength } from '../upload-api/context-pairs.ts';

/** The most public IDs or asset IDs of one call. */
export const maxIds = 100;

/** The schemas of parameters that several operations have. Each reads texts, or the items of a list. */
export const resourceType: z.ZodType<ResourceType> = z.enum(['image', 'video', 'raw']);

/** The number of entries of a page. */
export const maxResults: z.ZodType<number> = z
  .string()
  .regex(/^\d{1,6}$/, { error: 'Expected a whole number' })
  .transform(Number)
  .refine((count) => count >= 1 && count <= 500, { error: 'Expected 1 to 500' });

/** The same, and 0 for the count alone. */
export const maxFound: z.ZodType<number> = z
  .string()
  .regex(/^\d{1,6}$/, { error: 'Expected a whole number' })
  .transform(Number)
  .refine((count) => count <= 500, { error: 'Expected 0 to 500' });

/** `next_cursor` of the page before. */
export const cursor: z.ZodType<string> = z.string().max(4_096, { error: 'Expected next_cursor of the page before' });

/** Texts: the items of a list, or one text with commas between them. Items without text are left out. */
export const list: z.ZodType<readonly string[]> = z
  .union([z.string(), z.array(z.string())])
  .transform((sent) => (typeof sent === 'string' ? sent.split(',') : sent).map((item) => item.trim()).filter(Boolean));

/**
 * Names of members of a response.
 *
 * @param known - the names that it can have
 * @param absent - more names that are accepted
 */
export function memberNames(known: readonly string[], absent: readonly string[]): z.ZodType<readonly string[]> {
  const accepted = new Set([...known, ...absent]);
  return list.transform((names, issues) => {
    const unknown = names.find((name) => !accepted.has(name));
    if (unknown === undefined) return names;
    const near = nearName(unknown, known);
    const hint = near === undefined ? `Expected names of ${known.join(', ')}` : `Do you mean ${near}?`;
    issues.addIssue(`No member is called ${unknown.slice(0, 100)}. ${hint}`);
    return z.NEVER;
  });
}

/** Public IDs or asset IDs. */
export const ids: z.ZodType<readonly string[]> = list.refine(
  (items) => items.length >= 1 && items.length <= maxIds && items.every((item) => item.length <= maxItemLength),
  { error: `Expected 1 to ${maxIds} IDs` },
);

/** The order by time of upload. */
export const direction: z.ZodType<'asc' | 'desc'> = z
  .enum(['asc', 'desc', '1', '-1'], { error: 'Expected asc or desc' })
  .transform((text) => (text === 'asc' || text === '1' ? 'asc' : 'desc'));

/** A time: ISO 8601, or epoch milliseconds. The result is epoch milliseconds. */
export const time: z.ZodType<number> = z
  .string()
  .max(40, { error: 'Expected a time such as 2026-11-30T12:00:00Z' })
  .transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)))
  .refine((at) => Number.isFinite(at), { error: 'Expected a time such as 2026-11-30T12:00:00Z' });

/** A day: `2026-11-30`, or `30-11-2026` as the Node SDK's documentation writes it. */
export const day: z.ZodType<string> = z
  .string()
  .regex(/^(?:\d{4}-\d{2}-\d{2}|\d{2}-\d{2}-\d{4})$/, { error: 'Expected a day such as 2026-11-30' });

/** A tag, a key, a value, a name or the beginning of a public ID. */
export const word: z.ZodType<string> = z
  .string()
  .max(maxItemLength, { error: `Expected at most ${maxItemLength} characters` });

/** The path of a folder, without slashes at its ends. */
export const folderPath: z.ZodType<string> = word
  .transform((path) => path.replace(/^\/+|\/+$/g, ''))
  .refine((path) => path.split('/').every((name) => name !== '' && name !== '.' && name !== '..'), {
    error: 'Expected names of folders with / between them',
  });

/** The expression of a search. Its length is bounded where it is read. */
export const expression: z.ZodType<string> = z.string();

/** JSON text, of a parameter with a structure. */
export const json: z.ZodType<unknown> = z.string().transform((text, issues): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    issues.addIssue('Expected JSON');
    return z.NEVER;
  }
});
