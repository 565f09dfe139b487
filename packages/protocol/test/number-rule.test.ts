import assert from 'node:assert/strict';
import { checkValue, finiteValue, numberValue, type OptionRule, wholeValue } from '@safelight/protocol';

const { NaN: notANumber, POSITIVE_INFINITY: infinity } = Number;
const wholeFrom0 = wholeValue({ min: 0, max: 65_535 });

const rows: readonly (readonly [rule: OptionRule, expected: string, right: number[], wrong: number[]])[] = [
  [numberValue({ min: 1 }), 'a number, at least 1', [1, 1.5, infinity], [0.9, -infinity, notANumber]],
  [numberValue({}), 'a number', [-infinity, 0, infinity], [notANumber]],
  [
    finiteValue({ min: 0, unit: 'milliseconds' }),
    'a finite number of milliseconds, at least 0',
    [0, 0.5],
    [-1, infinity],
  ],
  [finiteValue({ above: 0 }), 'a finite number above 0', [Number.MIN_VALUE, 5], [0, -0, -1, infinity, notANumber]],
  [finiteValue({ above: 0, max: 9 }), 'a finite number above 0, at most 9', [0.1, 9], [0, 9.1, notANumber]],
  [wholeFrom0, 'a whole number from 0 to 65535', [0, 65_535], [-1, 65_536, 0.5, notANumber]],
  [
    wholeValue({ min: 1, unit: 'bytes' }),
    'a whole number of bytes, at least 1',
    [1, 2 ** 53 - 1],
    [0, 1.5, 2 ** 53, infinity],
  ],
];

describe('the rule for', () => {
  for (const [rule, expected, right, wrong] of rows) {
    it(expected, () => {
      for (const value of right) checkValue('size', value, rule);
      for (const value of wrong) {
        assert.throws(() => checkValue('size', value, rule), {
          name: 'RangeError',
          message: `size is ${value}; it must be ${expected}.`,
        });
      }
      for (const [value, shown] of [
        ['5', 'a string'],
        [null, 'null'],
        [5n, '5'],
        [[5], 'an array'],
      ] as const) {
        assert.throws(() => checkValue('size', value, rule), {
          name: 'TypeError',
          message: `size is ${shown}; it must be ${expected}.`,
        });
      }
    });
  }
});
