import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ageSecondsOf, createFreshnessOf } from '../../src/reuse/freshness.ts';
import { storedHeaders } from '../../src/reuse/stored-headers.ts';
import { directiveText, response, responseTimes, seconds } from './arbitraries.ts';
import { dayMs, freshnessOf, httpDate, now, ok, secondMs } from './responses.ts';

const durationMs = fc.nat(2 * dayMs);
const options = fc.record({ silentFreshMs: durationMs, staleIfErrorMs: durationMs });
const perhapsSeconds = fc.option(seconds, { nil: undefined });

describe('the freshness of any response', () => {
  it('ends in order, at finite instants', () => {
    fc.assert(
      fc.property(response, responseTimes, options, (head, times, given) => {
        const freshness = createFreshnessOf(given)({}, head, times);
        if (freshness === undefined) return;
        assert.ok(Object.values(freshness).every(Number.isFinite), JSON.stringify(freshness));
        assert.equal(freshness.cachedAt, times.respondedAt);
        assert.ok(freshness.freshUntil <= freshness.whileRevalidatingUntil);
        assert.ok(freshness.freshUntil <= freshness.ifErrorUntil);
      }),
    );
  });

  it('is never longer than the response states', () => {
    const limits = { shared: perhapsSeconds, own: perhapsSeconds, expires: perhapsSeconds };
    const between = fc.integer({ min: -7200, max: 7200 });
    const more = fc.constantFrom('', 'immutable', 'public', 'must-revalidate', 'stale-if-error=9');
    fc.assert(
      fc.property(fc.record(limits), between, more, responseTimes, ({ shared, own, expires }, made, extra, times) => {
        const directives = [
          extra,
          ...(shared === undefined ? [] : [`s-maxage=${shared}`]),
          ...(own === undefined ? [] : [`max-age=${own}`]),
        ];
        // An HTTP date has a year of four digits.
        const expiresAt = expires === undefined ? undefined : now + Math.min(expires, 1e11) * secondMs;
        const freshness = createFreshnessOf()(
          {},
          ok({
            'cache-control': directives.join(),
            date: httpDate(now + made * secondMs),
            ...(expiresAt === undefined ? {} : { expires: httpDate(expiresAt) }),
          }),
          times,
        );
        const limit = shared ?? own;
        const until = limit === undefined ? expiresAt : times.respondedAt + limit * secondMs;
        if (freshness === undefined || until === undefined) return;
        // A response that had expired before it was received is never fresh.
        assert.ok(freshness.freshUntil <= Math.max(until, times.respondedAt));
      }),
    );
  });

  it('is the shortest of repeated times', () => {
    const value = fc.oneof(seconds.map(String), fc.constantFrom('x', '1.5', '-1', ''));
    const name = fc.constantFrom('max-age', 's-maxage', 'stale-if-error', 'stale-while-revalidate');
    const freshnessWith = (text: string) => freshnessOf(ok({ 'cache-control': text, etag: '"a"' }));
    fc.assert(
      fc.property(name, fc.array(value, { minLength: 1, maxLength: 4 }), (directive, values) => {
        const min = Math.min(...values.map((each) => (/^\d+$/.test(each) ? Number(each) : 0)));
        const all = values.map((each) => `${directive}${each === '' ? '' : '='}${each}`).join(', ');
        assert.deepEqual(freshnessWith(all), freshnessWith(`${directive}=${min}`));
      }),
    );
  });

  it('is undefined with no-store, beside any other directives', () => {
    const others = directiveText.filter((text) => !text.includes('must-understand'));
    const noStore = fc.constantFrom('no-store', 'NO-STORE', 'no-store=1', 'no-store="a, b"');
    fc.assert(
      fc.property(response, others, noStore, others, (head, before, directive, after) => {
        const headers = { ...head.headers, 'cache-control': `${before}, ${directive}, ${after}` };
        assert.equal(freshnessOf({ ...head, headers }), undefined);
      }),
    );
  });

  it('gives an age that is never negative and never decreases', () => {
    fc.assert(
      fc.property(response, responseTimes, fc.nat(), fc.nat(), (head, times, first, further) => {
        const freshness = createFreshnessOf()({}, head, times);
        if (freshness === undefined) return;
        const at = now + first * secondMs;
        const [before, after] = [ageSecondsOf(freshness, at), ageSecondsOf(freshness, at + further)];
        assert.ok(Number.isInteger(before) && before >= 0 && after >= before, `${before}, ${after}`);
      }),
    );
  });

  it('is not longer for the next cache than for us, except for the rounding of Age', () => {
    fc.assert(
      fc.property(response, responseTimes, fc.nat(2 * dayMs), (head, times, later) => {
        const freshness = createFreshnessOf()({}, head, times);
        if (freshness === undefined) return;
        const at = times.respondedAt + later;
        const sent = ok({ ...storedHeaders(head, times.respondedAt), age: String(ageSecondsOf(freshness, at)) });
        const behind = createFreshnessOf()({}, sent, { requestedAt: at, respondedAt: at });
        if (behind === undefined) return;
        assert.ok(behind.freshUntil <= Math.max(at, freshness.freshUntil + secondMs));
      }),
    );
  });
});
