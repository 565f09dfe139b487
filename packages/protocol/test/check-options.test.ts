import assert from 'node:assert/strict';
import {
  booleanValue,
  checkOptions,
  checkValue,
  choiceValue,
  functionValue,
  kindOfValue,
  numberValue,
  portValue,
  required,
  stringValue,
  textValue,
} from '@safelight/protocol';

interface Options {
  readonly store: object;
  readonly onError?: () => void;
  readonly cache?: boolean;
  readonly prefix?: string;
  readonly maxBytes?: number;
}

class InheritedStore {
  get(): void {}
  set(): void {}
}
const store = new InheritedStore();

const check = (options: unknown) =>
  checkOptions('createThing()', options as Options, {
    store: required(portValue('a Store, such as memoryStore()', ['get', 'set'])),
    onError: functionValue('console.error'),
    cache: booleanValue,
    prefix: stringValue,
    maxBytes: numberValue({ min: 1 }),
  });

describe('checkOptions', () => {
  it('accepts values that the rules allow, inherited methods, and undefined for an optional option', () => {
    check({ store });
    check({ store, onError: console.error, cache: false, prefix: '', maxBytes: 1 });
    check({ store, maxBytes: Number.POSITIVE_INFINITY });
    check({ store, onError: undefined, cache: undefined, prefix: undefined, maxBytes: undefined });
  });

  const wrong: readonly (readonly [options: unknown, message: string])[] = [
    [{ store, onerror: 1 }, 'createThing() has no option "onerror". Did you mean onError?'],
    [{}, 'createThing(): store is undefined; it must be a Store, such as memoryStore().'],
    [{ store: null }, 'createThing(): store is null; it must be a Store, such as memoryStore().'],
    [
      { store: Promise.resolve(store) },
      'createThing(): store is a promise (await it first); it must be a Store, such as memoryStore().',
    ],
    [
      { store: { set() {} } },
      'createThing(): store is an object without get(); it must be a Store, such as memoryStore().',
    ],
    [
      { store: InheritedStore },
      'createThing(): store is a function without get(), set(); it must be a Store, such as memoryStore().',
    ],
    [
      { store: [] },
      'createThing(): store is an array without get(), set(); it must be a Store, such as memoryStore().',
    ],
    [{ store, onError: {} }, 'createThing(): onError is an object; it must be a function, such as console.error.'],
    [{ store, onError: null }, 'createThing(): onError is null; it must be a function, such as console.error.'],
    [{ store, cache: 1 }, 'createThing(): cache is 1; it must be true or false.'],
    [{ store, prefix: /a/ }, 'createThing(): prefix is an object; it must be a string.'],
    [{ store, maxBytes: 0 }, 'createThing(): maxBytes is 0; it must be a number, at least 1.'],
    [{ store, maxBytes: Number.NaN }, 'createThing(): maxBytes is NaN; it must be a number, at least 1.'],
    [{ store, maxBytes: '5' }, 'createThing(): maxBytes is a string; it must be a number, at least 1.'],
  ];
  for (const [options, message] of wrong) {
    it(message, () => {
      const name = message.includes('maxBytes is 0') || message.includes('NaN') ? 'RangeError' : 'TypeError';
      assert.throws(() => check(options), { name, message });
    });
  }

  it('never shows a string, which may be a secret', () => {
    assert.throws(
      () => check({ store: 'redis://user:secret@host' }),
      (error: Error) => !error.message.includes('secret'),
    );
  });

  it('names every kind of value', () => {
    const values = [undefined, null, true, 0n, Symbol(), '', 'a', () => {}, [], new Map()];
    assert.deepEqual(values.map(kindOfValue), [
      ...['undefined', 'null', 'true', '0', 'a symbol'],
      ...['an empty string', 'a string', 'a function', 'an array', 'an object'],
    ]);
  });
});

describe('checkValue', () => {
  it('checks one value by a rule, and uses the given name in its message', () => {
    checkValue('createThing(): the first argument', store, portValue('a Store', ['get']));
    assert.throws(() => checkValue('createThing(): the first argument', {}, portValue('a Store', ['get'])), {
      name: 'TypeError',
      message: 'createThing(): the first argument is an object without get(); it must be a Store.',
    });
  });
});

describe('choiceValue', () => {
  const check = (mode: unknown) => checkValue('createThing(): mode', mode, choiceValue(['fast', 'careful', 200]));

  it('accepts every choice', () => {
    for (const mode of ['fast', 'careful', 200]) check(mode);
  });

  for (const [wrong, shown, hint] of [
    ['carefull', '"carefull"', ' Did you mean careful?'],
    ['slow', '"slow"', ''],
    ['', '""', ''],
    ['200', '"200"', ' Did you mean 200?'],
    [null, 'null', ''],
    [5, '5', ''],
    [['fast'], 'an array', ''],
  ] as const) {
    it(`refuses ${shown}`, () => {
      assert.throws(() => check(wrong), {
        name: 'TypeError',
        message: `createThing(): mode is ${shown}; it must be 'fast', 'careful' or 200.${hint}`,
      });
    });
  }
});

describe('textValue', () => {
  const rule = textValue("the path of a folder, such as 'data'");

  it('accepts a string with at least one character', () => checkValue('directory', ' ', rule));

  for (const [wrong, shown] of [
    ['', 'an empty string'],
    [undefined, 'undefined'],
    [7, '7'],
  ] as const) {
    it(`refuses ${shown}`, () => {
      assert.throws(() => checkValue('directory', wrong, rule), {
        name: 'TypeError',
        message: `directory is ${shown}; it must be the path of a folder, such as 'data'.`,
      });
    });
  }
});
