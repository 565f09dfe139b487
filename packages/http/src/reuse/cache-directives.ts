import { fieldText, type ReceivedFields } from './response-head.ts';

/** The directives of a `Cache-Control` field, read as strictly as possible. */
export interface CacheDirectives {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly isPrivate: boolean;
  readonly isPublic: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly maxAgeSeconds: number | undefined;
  readonly sharedMaxAgeSeconds: number | undefined;
  readonly staleWhileRevalidateSeconds: number | undefined;
  readonly staleIfErrorSeconds: number | undefined;
}

/** 68 years, in seconds. A longer time counts as this one (RFC 9111 section 1.2.2). */
export const maxDeltaSeconds: number = 2 ** 31;

const token = "[!#$%&'*+.^_`|~\\w-]+";
/** Spaces match in one way only, so the time grows linearly with the field. */
const member = new RegExp(
  `[ \\t]*(?:(?<name>${token})(?:=(?<value>${token}|"(?:[^"\\\\]|\\\\.)*"))?[ \\t]*)?(?:,|$)`,
  'y',
);

/**
 * Reads the `Cache-Control` of a request or a response. When directives conflict or are repeated, the most restrictive
 * one counts; an invalid time counts as 0 (RFC 9111 section 4.2.1). `private` and `no-cache` with a list of fields count
 * for the whole response, as sections 5.2.2.4 and 5.2.2.7 allow. A field that breaks the grammar could mean anything, so
 * it counts as `no-store`, the strictest directive.
 *
 * @example
 * readCacheDirectives({ 'cache-control': 'max-age=60, private' }).isPrivate; // true
 */
export function readCacheDirectives(fields: ReceivedFields): CacheDirectives {
  const text = fieldText(fields, 'cache-control');
  const found = membersOf(text ?? '');
  const directives = directivesFrom({
    has: (name) => found?.has(name) ?? false,
    seconds: (name) => found?.get(name)?.reduce((min, value) => Math.min(min, secondsOf(value)), Infinity),
  });
  // RFC 9111 section 5.4 defines Pragma only for requests, but a server that sends it means no-cache.
  const hasPragma = text === undefined && /no-cache/i.test(fieldText(fields, 'pragma') ?? '');
  return {
    ...directives,
    noStore: found === undefined || directives.noStore,
    noCache: directives.noCache || hasPragma,
  };
}

/** Looks up directives, by their names in lower case. */
export interface DirectiveSource {
  readonly has: (name: string) => boolean;
  readonly seconds: (name: string) => number | undefined;
}

export function directivesFrom({ has, seconds }: DirectiveSource): CacheDirectives {
  return {
    noStore: has('no-store'),
    noCache: has('no-cache'),
    isPrivate: has('private'),
    isPublic: has('public'),
    mustRevalidate: has('must-revalidate'),
    proxyRevalidate: has('proxy-revalidate'),
    mustUnderstand: has('must-understand'),
    maxAgeSeconds: seconds('max-age'),
    sharedMaxAgeSeconds: seconds('s-maxage'),
    staleWhileRevalidateSeconds: seconds('stale-while-revalidate'),
    staleIfErrorSeconds: seconds('stale-if-error'),
  };
}

/** Each directive with all its values; `undefined` when the text breaks the grammar. */
function membersOf(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const found = new Map<string, string[]>();
  for (let at = 0; at < text.length; ) {
    member.lastIndex = at;
    const match = member.exec(text);
    if (match === null) return undefined;
    at = member.lastIndex;
    const { name, value = '' } = match.groups ?? {};
    if (name === undefined) continue;
    const values = found.get(name.toLowerCase());
    if (values === undefined) found.set(name.toLowerCase(), [value]);
    else values.push(value);
  }
  return found;
}

/** RFC 9111 section 5.2: a recipient must read both forms of a value, token and quoted string. */
function secondsOf(value: string): number {
  const digits = /^(?:(\d+)|"(\d+)")$/.exec(value);
  return digits === null ? 0 : Math.min(Number(digits[1] ?? digits[2]), maxDeltaSeconds);
}
