import { z } from 'zod';

export const maxItems = 100;
export const maxItemLength = 1_024;
/** The length of the metadata of an asset, as text. */
export const maxMetadataLength = 16_384;

/** `name=value` pairs, separated by `|`, where `\=` and `\|` are literal characters; or a JSON object of texts. */
export const contextPairs: z.ZodType<Readonly<Record<string, string>>> = z
  .string()
  .transform((context, issues) => {
    const pairs = context.startsWith('{') ? jsonPairs(context) : textPairs(context);
    if (pairs !== undefined) return Object.fromEntries(pairs);
    issues.addIssue('Expected name=value pairs, separated by |. Write \\= and \\| for a literal = and |');
    return z.NEVER;
  })
  .refine(
    (pairs) =>
      Object.keys(pairs).length <= maxItems &&
      Object.entries(pairs).every(([name, value]) => name.length <= maxItemLength && value.length <= maxItemLength),
    { error: `Expected at most ${maxItems} pairs of at most ${maxItemLength} characters` },
  );

/** The pairs of structured metadata, in the same two forms. Text in another form has no pairs. */
export function readMetadata(text: string): Readonly<Record<string, unknown>> {
  if (!text.startsWith('{')) return Object.fromEntries(textPairs(text) ?? []);
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

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

function splitUnescaped(text: string, separator: '|' | '='): readonly string[] {
  const parts = [''];
  for (const [token] of text.matchAll(/\\.|./gs)) {
    if (token === separator) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts;
}

function unescaped(escaped: string): string {
  return escaped.replace(/\\([=|\\])/g, '$1');
}
