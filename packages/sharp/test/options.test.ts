import assert from 'node:assert/strict';
import { sharpHandler } from '@safelight/sharp';

/** As code without types would call it. */
const create = sharpHandler as (options: unknown) => unknown;

const mistakes: readonly (readonly [options: unknown, name: string, message: string])[] = [
  [{ timeOutMs: 5 }, 'TypeError', 'sharpHandler() has no option "timeOutMs". Did you mean timeoutMs?'],
  [
    { limitInputPixels: 5 },
    'TypeError',
    'sharpHandler() has no option "limitInputPixels". Its options are concurrency, maxWaiting, maxWaitMs, failOn, timeoutMs, maxInputPixels, maxScans, maxFrames, maxSvgBytes, isolation, maxMemoryBytes.',
  ],
  ['fast', 'TypeError', 'sharpHandler() takes an object of options, not string.'],
  [
    { failOn: 'warn' },
    'TypeError',
    `sharpHandler(): failOn is "warn"; it must be 'none', 'truncated', 'error' or 'warning'.`,
  ],
  [
    { failOn: 'eror' },
    'TypeError',
    `sharpHandler(): failOn is "eror"; it must be 'none', 'truncated', 'error' or 'warning'. Did you mean error?`,
  ],
  [
    { concurrency: '2' },
    'TypeError',
    'sharpHandler(): concurrency is a string; it must be a whole number, at least 1.',
  ],
  [
    { timeoutMs: -1 },
    'RangeError',
    'sharpHandler(): timeoutMs is -1; it must be a finite number of milliseconds above 0, at most 3600000.',
  ],
  [{ maxInputPixels: -1 }, 'RangeError', 'sharpHandler(): maxInputPixels is -1; it must be a number, at least 1.'],
  [
    { maxInputPixels: '5e7' },
    'TypeError',
    'sharpHandler(): maxInputPixels is a string; it must be a number, at least 1.',
  ],
];

describe('sharpHandler() throws at creation for wrong options:', () => {
  for (const [options, name, message] of mistakes) {
    it(JSON.stringify(options), () => assert.throws(() => create(options), { name, message }));
  }

  it('but accepts options that are undefined', () => {
    const none = undefined as never;
    sharpHandler({ concurrency: none, failOn: none, timeoutMs: none, maxInputPixels: none });
  });
});
