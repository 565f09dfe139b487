import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keptHeaders } from '../../src/reuse/kept-headers.ts';
import { ageSecondsOf, createLivesOf } from '../../src/reuse/lives.ts';
import { dayMs, httpDate, livesOf, now, ok, secondMs } from './answers.ts';
import { answer, answerTimes, directiveText, seconds } from './arbitraries.ts';

const durationMs = fc.nat(2 * dayMs);
const options = fc.record({ silentFreshMs: durationMs, staleIfErrorMs: durationMs });
const perhapsSeconds = fc.option(seconds, { nil: undefined });

describe('the life of any answer', () => {
  it('ends in order, and at an instant', () => {
    fc.assert(
      fc.property(answer, answerTimes, options, (head, times, given) => {
        const lives = createLivesOf(given)({}, head, times);
        if (lives === undefined) return;
        assert.ok(Object.values(lives).every(Number.isFinite), JSON.stringify(lives));
        assert.equal(lives.keptAt, times.respondedAt);
        assert.ok(lives.freshUntil <= lives.whileRevalidatingUntil);
        assert.ok(lives.freshUntil <= lives.ifErrorUntil);
      }),
    );
  });

  it('is never longer than the limit that it sets itself', () => {
    const limits = { shared: perhapsSeconds, own: perhapsSeconds, expires: perhapsSeconds };
    const between = fc.integer({ min: -7200, max: 7200 });
    const more = fc.constantFrom('', 'immutable', 'public', 'must-revalidate', 'stale-if-error=9');
    fc.assert(
      fc.property(fc.record(limits), between, more, answerTimes, ({ shared, own, expires }, made, extra, times) => {
        const directives = [
          extra,
          ...(shared === undefined ? [] : [`s-maxage=${shared}`]),
          ...(own === undefined ? [] : [`max-age=${own}`]),
        ];
        // A year of five digits is no HTTP date any more.
        const expiresAt = expires === undefined ? undefined : now + Math.min(expires, 1e11) * secondMs;
        const lives = createLivesOf()(
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
        if (lives === undefined || until === undefined) return;
        // What has expired before it came is not fresh when it comes, either.
        assert.ok(lives.freshUntil <= Math.max(until, times.respondedAt));
      }),
    );
  });

  it('is the strictest of what is said twice', () => {
    const value = fc.oneof(seconds.map(String), fc.constantFrom('x', '1.5', '-1', ''));
    const name = fc.constantFrom('max-age', 's-maxage', 'stale-if-error', 'stale-while-revalidate');
    const say = (text: string) => livesOf(ok({ 'cache-control': text, etag: '"a"' }));
    fc.assert(
      fc.property(name, fc.array(value, { minLength: 1, maxLength: 4 }), (directive, values) => {
        const least = Math.min(...values.map((each) => (/^\d+$/.test(each) ? Number(each) : 0)));
        const all = values.map((each) => `${directive}${each === '' ? '' : '='}${each}`).join(', ');
        assert.deepEqual(say(all), say(`${directive}=${least}`));
      }),
    );
  });

  it('is none where it says no-store, whatever else it says', () => {
    const others = directiveText.filter((text) => !text.includes('must-understand'));
    const noStore = fc.constantFrom('no-store', 'NO-STORE', 'no-store=1', 'no-store="a, b"');
    fc.assert(
      fc.property(answer, others, noStore, others, (head, before, said, after) => {
        const headers = { ...head.headers, 'cache-control': `${before}, ${said}, ${after}` };
        assert.equal(livesOf({ ...head, headers }), undefined);
      }),
    );
  });

  it('leaves an age that is never negative, and never less than it was', () => {
    fc.assert(
      fc.property(answer, answerTimes, fc.nat(), fc.nat(), (head, times, first, further) => {
        const lives = createLivesOf()({}, head, times);
        if (lives === undefined) return;
        const at = now + first * secondMs;
        const [before, after] = [ageSecondsOf(lives, at), ageSecondsOf(lives, at + further)];
        assert.ok(Number.isInteger(before) && before >= 0 && after >= before, `${before}, ${after}`);
      }),
    );
  });

  it('is not longer for the cache behind us than for us, but for the second that Age cannot say', () => {
    fc.assert(
      fc.property(answer, answerTimes, fc.nat(2 * dayMs), (head, times, later) => {
        const lives = createLivesOf()({}, head, times);
        if (lives === undefined) return;
        const at = times.respondedAt + later;
        const sent = ok({ ...keptHeaders(head, times.respondedAt), age: String(ageSecondsOf(lives, at)) });
        const behind = createLivesOf()({}, sent, { requestedAt: at, respondedAt: at });
        if (behind === undefined) return;
        assert.ok(behind.freshUntil <= Math.max(at, lives.freshUntil + secondMs));
      }),
    );
  });
});
