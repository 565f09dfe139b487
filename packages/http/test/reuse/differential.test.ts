import assert from 'node:assert/strict';
import fc from 'fast-check';
import CachePolicy from 'http-cache-semantics';
import { fieldText, type ReceivedFields, type ResponseHead } from '../../src/reuse/response-head.ts';
import { headers, requests, timeNames } from './arbitraries.ts';
import { freshnessOf, httpDate, now, ok, secondMs, withCacheControl } from './responses.ts';

type Use = 'not stored' | 'fresh' | 'while revalidating' | 'on error' | 'stale';

function ours(response: ResponseHead, request: ReceivedFields, at: number): Use {
  const freshness = freshnessOf(response, { request }, { staleIfErrorMs: 0 });
  if (freshness === undefined) return 'not stored';
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
  if (!policy.storable()) return 'not stored';
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
  /** A response that shows the difference `afterSeconds` (0) after it was received. */
  readonly response: ResponseHead;
  readonly request?: ReceivedFields;
  readonly afterSeconds?: number;
  /** Whether a generated response may differ for this reason. */
  readonly explains?: (cacheControl: string, headers: ResponseHead['headers'], theirUse: Use) => boolean;
}

const isSilent = (cacheControl: string) => !/max-?age|no-cache/.test(cacheControl);
const tag = { etag: '"a"' };

const differences: readonly Difference[] = [
  {
    why: 'RFC 9111 5.2: names have no case',
    response: withCacheControl('No-Store'),
  },
  {
    why: 'RFC 9111 5.2: a comma in quotes does not end a directive',
    response: withCacheControl('max-age=60, x="a, max-age=0"'),
    explains: (cacheControl) => cacheControl.includes('"no-store, max-age=5"'),
  },
  {
    why: 'RFC 9111 5.2: a malformed field may mean no-store',
    response: withCacheControl('max-age=60; no-store'),
  },
  {
    why: 'RFC 9111 4.2.1: of repeated directives the strictest counts, not the last',
    response: withCacheControl('max-age=0, max-age=60'),
    explains: (cacheControl) => timeNames.some((name) => cacheControl.split(`${name}=`).length > 2),
  },
  {
    why: 'RFC 9111 4.2.1: digits with a suffix are not a number',
    response: withCacheControl('max-age=60s'),
  },
  {
    why: 'RFC 9111 1.2.2: the longest time is 68 years',
    response: withCacheControl(`max-age=${2 ** 32}`),
    afterSeconds: 2 ** 31,
    explains: (cacheControl) => (cacheControl.match(/\d+/g) ?? []).some((digits) => Number(digits) > 2 ** 31),
  },
  {
    why: 'RFC 9111 4.2.2: without a stated lifetime we use silentFreshMs, not a tenth of the age',
    response: ok({ 'last-modified': httpDate(now - 60_000) }),
    afterSeconds: 60,
    explains: (cacheControl, { expires, pragma, ...rest }) =>
      isSilent(cacheControl) && expires === undefined && (pragma === undefined || rest['cache-control'] !== undefined),
  },
  {
    why: 'RFC 8246: immutable does not extend the lifetime',
    response: ok({ 'cache-control': 'immutable', expires: httpDate(now + 60_000) }),
    afterSeconds: 60,
    explains: (cacheControl) => isSilent(cacheControl) && cacheControl.includes('immutable'),
  },
  {
    why: 'RFC 9111 5.3: only HTTP dates are dates',
    response: ok({ expires: '3000' }),
    explains: (cacheControl, { expires }) => isSilent(cacheControl) && (expires === '3000' || expires === ''),
  },
  {
    why: 'RFC 9111 4.2.3: the time since its Date counts as age',
    response: ok({ 'cache-control': 'max-age=60', date: httpDate(now - 60_000) }),
    explains: (_, { date }) => Date.parse(String(date)) < now,
  },
  {
    why: 'RFC 9111 5.1: an invalid Age does not make a response younger',
    response: ok({ 'cache-control': 'max-age=60', age: '-60' }),
    afterSeconds: 60,
    explains: (_, { age }) => age === '-1',
  },
  {
    why: 'RFC 9111 5.2.2.2: must-revalidate is about stale responses',
    response: withCacheControl('max-age=60, must-revalidate'),
    explains: (cacheControl) => cacheControl.includes('must-revalidate'),
  },
  {
    why: 'RFC 9111 5.2.2.8: proxy-revalidate is about stale responses',
    response: withCacheControl('max-age=60, proxy-revalidate'),
    explains: (cacheControl) => cacheControl.includes('proxy-revalidate'),
  },
  {
    why: 'RFC 9111 4.2.4: s-maxage and no-cache forbid what RFC 5861 allows',
    response: withCacheControl('s-maxage=60, stale-while-revalidate=60'),
    afterSeconds: 60,
    explains: (cacheControl) => /s-maxage|no-cache/.test(cacheControl) && cacheControl.includes('stale-'),
  },
  {
    why: 'RFC 9111 5.2.2.3: must-understand overrides no-store',
    response: withCacheControl('no-store, must-understand, max-age=60'),
    explains: (cacheControl) => cacheControl.includes('must-understand'),
  },
  {
    why: 'RFC 9111 4.1: a response that varies by everything, or by a cookie, could not be reused',
    response: ok({ vary: '*' }),
    explains: (_, { vary }) => vary === '*' || vary === 'cookie',
  },
  {
    why: 'a response that sets a cookie is for one client',
    response: ok({ 'set-cookie': ['a=b'], 'cache-control': 'public, max-age=60' }),
  },
  {
    why: 'a response that is never fresh and cannot be revalidated would only take space',
    response: withCacheControl('no-cache'),
    explains: (_, { etag, ...rest }, theirUse) =>
      etag === undefined && rest['last-modified'] === undefined && theirUse === 'stale',
  },
  {
    why: 'a redirect without a lifetime is not stored',
    response: { status: 301, headers: tag },
  },
  {
    why: 'RFC 9111 5.2.1.4: a client cannot force a run',
    response: ok({ ...tag, 'cache-control': 'max-age=60' }),
    request: { 'cache-control': 'no-cache' },
  },
];

describe('http-cache-semantics and our rules', () => {
  for (const { why, response, request = {}, afterSeconds = 0 } of differences) {
    it(`differ on purpose: ${why}`, () => {
      const at = now + afterSeconds * secondMs;
      assert.notEqual(ours(response, request, at), theirs(response, request, at));
    });
  }

  it('agree about all other responses', () => {
    const seen = new Map<Use, number>();
    fc.assert(
      fc.property(headers(), requests, fc.oneof(fc.nat(10), fc.nat(7200)), (fields, request, afterSeconds) => {
        const response = ok(fields);
        const at = now + afterSeconds * secondMs;
        const cacheControl = fieldText(fields, 'cache-control') ?? '';
        const theirFirst = theirs(response, request, now);
        if (differences.some(({ explains }) => explains?.(cacheControl, fields, theirFirst))) return;
        const use = ours(response, request, at);
        seen.set(use, (seen.get(use) ?? 0) + 1);
        assert.equal(use, theirs(response, request, at));
      }),
      { numRuns: 10_000 },
    );
    assert.deepEqual([...seen.keys()].sort(), ['fresh', 'not stored', 'on error', 'stale', 'while revalidating']);
  });
});
