import { parseFieldDictionary } from '@safelight/protocol';
import { type CacheDirectives, directivesFrom, maxDeltaSeconds } from './cache-directives.ts';
import { fieldText, type ResponseHead } from './response-head.ts';

/** The directives that have a time in seconds as value. */
const times = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'];

/**
 * The directives of the first targeted field that a response has (RFC 9213 section 2.2); they replace `Cache-Control` and
 * `Expires`. A field that is empty or malformed, or has a time that is not a whole number, is ignored (section 2.1).
 *
 * @param targets - the names of the fields, the most important first
 */
export function targetedDirectives(
  { headers }: Pick<ResponseHead, 'headers'>,
  targets: readonly string[],
): CacheDirectives | undefined {
  for (const target of targets) {
    const found = parseFieldDictionary(fieldText(headers, target.toLowerCase()) ?? '');
    if (found === undefined || found.size === 0) continue;
    if (times.some((name) => found.has(name) && !isTime(found.get(name)))) continue;
    return directivesFrom({
      has: (name) => found.has(name) && found.get(name) !== false,
      seconds: (name) => (found.has(name) ? Math.min(Number(found.get(name)), maxDeltaSeconds) : undefined),
    });
  }
  return undefined;
}

function isTime(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
