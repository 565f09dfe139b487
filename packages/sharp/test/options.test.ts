import assert from 'node:assert/strict';
import { sharpHandler } from '@safelight/sharp';

/** As code without types would call it. */
const create = sharpHandler as (options: unknown) => unknown;

const mistakes: readonly (readonly [options: unknown, name: string, message: string])[] = [
  [{ timeOutMs: 5 }, 'TypeError', 'sharpHandler() has no option "timeOutMs". Did you mean timeoutMs?'],
  [
    { limitInputPixels: 5 },
    'TypeError',
    'sharpHandler() has no option "limitInputPixels". Its options are concurrency, failOn, timeoutMs, maxInputPixels.',
  ],
  ['fast', 'TypeError', 'sharpHandler() takes an object of options, not string.'],
  [
    { failOn: 'warn' },
    'TypeError',
    'sharpHandler() does not take "warn" as failOn. It takes none, truncated, error, warning.',
  ],
  [{ failOn: 'eror' }, 'TypeError', 'sharpHandler() does not take "eror" as failOn. Did you mean error?'],
  [{ concurrency: '2' }, 'RangeError', 'concurrency is 2; give a whole number of at least 1, or leave it out.'],
  [{ timeoutMs: -1 }, 'RangeError', 'timeoutMs is -1; give 1 to 3,600,000 milliseconds, or leave it out.'],
  [{ maxInputPixels: -1 }, 'RangeError', 'maxInputPixels is -1; give a number of at least 1, or leave it out.'],
  [{ maxInputPixels: '5e7' }, 'RangeError', 'maxInputPixels is 5e7; give a number of at least 1, or leave it out.'],
];

describe('a mistake in the options of sharpHandler() is answered at creation:', () => {
  for (const [options, name, message] of mistakes) {
    it(JSON.stringify(options), () => assert.throws(() => create(options), { name, message }));
  }

  it('and options that are undefined count as absent', () => {
    const none = undefined as never;
    sharpHandler({ concurrency: none, failOn: none, timeoutMs: none, maxInputPixels: none });
  });
});
