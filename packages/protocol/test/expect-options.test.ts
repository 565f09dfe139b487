import assert from 'node:assert/strict';
import { expectOptions } from '@safelight/protocol';

interface Options {
  readonly layout?: string;
  readonly onState?: () => void;
  readonly timeoutMs?: number;
  readonly width?: number;
}

const check = (options: unknown) =>
  expectOptions('show()', options as Options, {
    layout: /^string (fixed|full-width)$/,
    onState: /^function /,
    timeoutMs: /^number \d+$/,
    width: undefined,
  });

const mistakes: readonly (readonly [options: unknown, inDevelopment: string, inProduction: string])[] = [
  [{ Layout: 'fixed' }, 'show() has no option "Layout". Did you mean layout?', 'show() has no option "Layout".'],
  [{ x: 1 }, 'show() has no option "x". It has layout, onState, timeoutMs, width.', 'show() has no option "x".'],
  [
    { layout: 'fixd' },
    'layout is "fixd" (string). Expected fixed or full-width. Did you mean fixed?',
    'layout is "fixd" (string).',
  ],
  [
    { layout: ['fixed'] },
    'layout is "fixed" (array). Expected fixed or full-width. Did you mean fixed?',
    'layout is "fixed" (array).',
  ],
  [{ onState: 5 }, 'onState is "5" (number). Expected a function.', 'onState is "5" (number).'],
  [{ timeoutMs: '5' }, 'timeoutMs is "5" (string). Expected a number of milliseconds.', 'timeoutMs is "5" (string).'],
  [null, 'show() takes an object, not null.', 'show() takes an object, not null.'],
  ['fixed', 'show() takes an object, not fixed.', 'show() takes an object, not fixed.'],
];

describe('expectOptions', () => {
  const before = process.env['NODE_ENV'];
  afterEach(() => {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  });

  it('accepts every option, and options that are undefined', () => {
    check({});
    check({ layout: 'full-width', onState: () => undefined, timeoutMs: 5, width: 'any value' });
    check({ layout: undefined, onState: undefined });
  });

  for (const [options, inDevelopment, inProduction] of mistakes) {
    it(`refuses ${JSON.stringify(options)}, and explains it in development only`, () => {
      delete process.env['NODE_ENV'];
      assert.throws(() => check(options), { name: 'TypeError', message: inDevelopment });
      process.env['NODE_ENV'] = 'production';
      assert.throws(() => check(options), { name: 'TypeError', message: inProduction });
    });
  }
});
