import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../src/duration.ts';

describe('durations', () => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['1s', 1000],
    ['1m', 60_000],
    ['24h', 86_400_000],
  ] as const) {
    it(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));
  }

  for (const text of ['', '0s', '1', '-1s', '1.5m', '1 s', '1d', 's', '9999h', '1S']) {
    it(`"${text}" is refused; the message has the value and the expected form`, () => {
      assert.throws(
        () => parseDuration(text),
        (error: Error) => {
          assert.ok(error.message.startsWith(`"${text}"`));
          return /500ms, 1s, 1m or 24h/.test(error.message);
        },
      );
    });
  }

  it('a duration that is written reads back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 365 * 86_400_000 }), (ms) => parseDuration(formatDuration(ms)) === ms),
    );
  });
});
