import assert from 'node:assert/strict';
import fc from 'fast-check';
import CachePolicy from 'http-cache-semantics';
import { fieldText, type ReceivedFields, type ResponseHead } from '../../src/reuse/response-head.ts';
import { headers, requests, timeNames } from './arbitraries.ts';
import { freshnessOf, httpDate, now, ok, secondMs, withCacheControl } from './responses.ts';

type Use = 'not kept' | 'fresh' | 'while revalidating' | 'on error' | 'stale';

function ours(response: ResponseHead, request: ReceivedFields, at: number): Use {
  const freshness = freshnessOf(response, { request }, { staleIfErrorMs: 0 });
  if (freshness === undefined) return 'not kept';
  if (at < freshness.freshUntil) return 'fresh';
  if (at < freshness.whileRevalidatingUntil) return 'while revalidating';
  return at < freshness.ifErrorUntil ? 'on error' : 'stale';
}

function theirs(response: ResponseHead, request: ReceivedFields, at: number): Use {
  let clock = now;
  class PolicyAt extends CachePolicy {
    now(): number {
      return clock;
    }
  }
  const policy = new PolicyAt(
    { headers: plain(request) },
    { status: response.status, headers: plain(response.headers) },
  );
  if (!policy.storable()) return 'not kept';
  clock = at;
  const { revalidation } = policy.evaluateRequest({ headers: plain(request) });
  if (revalidation === undefined) return 'fresh';
  if (!revalidation.synchronous) return 'while revalidating';
  const { modified } = policy.revalidatedPolicy({ headers: {} }, { status: 503, headers: {} });
  return modified ? 'stale' : 'on error';
}

function plain(fields: ReceivedFields): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, fieldText(fields, name)]));
}

interface Difference {
  /** Why we differ, on purpose. */
  readonly why: string;
  /** An answer that shows it, `afterSeconds` (0) from when it came. */
  readonly response: ResponseHead;
  readonly request?: ReceivedFields;
  readonly afterSeconds?: number;
  /** Whether a generated answer may differ for this reason. */
  readonly explains?: (said: string, headers: ResponseHead['headers'], theirUse: Use) => boolean;
}

const isSilent = (said: string) => !/max-?age|no-cache/.test(said);
const tag = { etag: '"a"' };

const differences: readonly Difference[] = [
  {
    why: 'RFC 9111 5.2: names have no case',
    response: withCacheControl('No-Store'),
  },
  {
    why: 'RFC 9111 5.2: a comma in quotes ends nothing',
    response: withCacheControl('max-age=60, x="a, max-age=0"'),
    explains: (said) => said.includes('"no-store, max-age=5"'),
  },
  {
    why: 'RFC 9111 5.2: what breaks the grammar may have meant no-store',
    response: withCacheControl('max-age=60; no-store'),
  },
  {
    why: 'RFC 9111 4.2.1: of a repetition the strictest counts, not the last',
    response: withCacheControl('max-age=0, max-age=60'),
    explains: (said) => timeNames.some((name) => said.split(`${name}=`).length > 2),
  },
  {
    why: 'RFC 9111 4.2.1: what only begins like a number is none',
    response: withCacheControl('max-age=60s'),
  },
  {
    why: 'RFC 9111 1.2.2: 68 years are the most',
    response: withCacheControl(`max-age=${2 ** 32}`),
    afterSeconds: 2 ** 31,
    explains: (said) => (said.match(/\d+/g) ?? []).some((digits) => Number(digits) > 2 ** 31),
  },
  {
    why: 'RFC 9111 4.2.2: what says nothing of its life is kept until it changes, not for a tenth of its age',
    response: ok({ 'last-modified': httpDate(now - 60_000) }),
    afterSeconds: 60,
    explains: (said, { expires, pragma, ...rest }) =>
      isSilent(said) && expires === undefined && (pragma === undefined || rest['cache-control'] !== undefined),
  },
  {
    why: 'RFC 8246: immutable lengthens no life',
    response: ok({ 'cache-control': 'immutable', expires: httpDate(now + 60_000) }),
    afterSeconds: 60,
    explains: (said) => isSilent(said) && said.includes('immutable'),
  },
  {
    why: 'RFC 9111 5.3: only HTTP dates are dates',
    response: ok({ expires: '3000' }),
    explains: (said, { expires }) => isSilent(said) && (expires === '3000' || expires === ''),
  },
  {
    why: 'RFC 9111 4.2.3: the time since its Date counts as age',
    response: ok({ 'cache-control': 'max-age=60', date: httpDate(now - 60_000) }),
    explains: (_, { date }) => Date.parse(String(date)) < now,
  },
  {
    why: 'RFC 9111 5.1: an Age that is no number makes nothing younger',
    response: ok({ 'cache-control': 'max-age=60', age: '-60' }),
    afterSeconds: 60,
    explains: (_, { age }) => age === '-1',
  },
  {
    why: 'RFC 9111 5.2.2.2: must-revalidate is about stale answers',
    response: withCacheControl('max-age=60, must-revalidate'),
    explains: (said) => said.includes('must-revalidate'),
  },
  {
    why: 'RFC 9111 5.2.2.8: proxy-revalidate is about stale answers',
    response: withCacheControl('max-age=60, proxy-revalidate'),
    explains: (said) => said.includes('proxy-revalidate'),
  },
  {
    why: 'RFC 9111 4.2.4: s-maxage and no-cache forbid what RFC 5861 allows',
    response: withCacheControl('s-maxage=60, stale-while-revalidate=60'),
    afterSeconds: 60,
    explains: (said) => /s-maxage|no-cache/.test(said) && said.includes('stale-'),
  },
  {
    why: 'RFC 9111 5.2.2.3: must-understand sets aside no-store',
    response: withCacheControl('no-store, must-understand, max-age=60'),
    explains: (said) => said.includes('must-understand'),
  },
  {
    why: 'RFC 9111 4.1: what varies by everything, or by a cookie, is of no use to keep',
    response: ok({ vary: '*' }),
    explains: (_, { vary }) => vary === '*' || vary === 'cookie',
  },
  {
    why: 'an answer that sets a cookie is one client’s own',
    response: ok({ 'set-cookie': ['a=b'], 'cache-control': 'public, max-age=60' }),
  },
  {
    why: 'what is never fresh and cannot be revalidated would only take room',
    response: withCacheControl('no-cache'),
    explains: (_, { etag, ...rest }, theirUse) =>
      etag === undefined && rest['last-modified'] === undefined && theirUse === 'stale',
  },
  {
    why: 'only pictures and videos are kept, and they come with 200',
    response: { status: 301, headers: { 'cache-control': 'max-age=60' } },
  },
  {
    why: 'RFC 9111 5.2.1.4: a client cannot force a run',
    response: ok({ ...tag, 'cache-control': 'max-age=60' }),
    request: { 'cache-control': 'no-cache' },
  },
];

describe('what http-cache-semantics makes of the same answers', () => {
  for (const { why, response, request = {}, afterSeconds = 0 } of differences) {
    it(`differs on purpose: ${why}`, () => {
      const at = now + afterSeconds * secondMs;
      assert.notEqual(ours(response, request, at), theirs(response, request, at));
    });
  }

  it('is the same in everything else', () => {
    const seen = new Map<Use, number>();
    fc.assert(
      fc.property(headers(), requests, fc.oneof(fc.nat(10), fc.nat(7200)), (fields, request, afterSeconds) => {
        const response = ok(fields);
        const at = now + afterSeconds * secondMs;
        const said = fieldText(fields, 'cache-control') ?? '';
        const theirFirst = theirs(response, request, now);
        if (differences.some(({ explains }) => explains?.(said, fields, theirFirst))) return;
        const use = ours(response, request, at);
        seen.set(use, (seen.get(use) ?? 0) + 1);
        assert.equal(use, theirs(response, request, at));
      }),
      { numRuns: 10_000 },
    );
    assert.deepEqual([...seen.keys()].sort(), ['fresh', 'not kept', 'on error', 'stale', 'while revalidating']);
  });
});
