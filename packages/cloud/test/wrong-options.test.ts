import assert from 'node:assert/strict';
import { cloud } from '@safelight/cloud';
import { createSafelight, type Safelight } from '@safelight/express';

/** `cloud` without its types, as in JavaScript. */
const create = cloud as (...given: readonly unknown[]) => unknown;

const method = () => {};
const originals = {
  ...{ find: method, receive: method, publish: method, destroy: method, rename: method },
  ...{ changeFacts: method, versions: method, restore: method, list: method },
};
const handler = () => {};
const parts = { originals, handler };

describe('cloud refuses at creation', () => {
  let safelight: Safelight;
  beforeEach(() => {
    safelight = createSafelight();
  });

  const options: readonly (readonly [options: unknown, message: string])[] = [
    [undefined, 'cloud() takes an object of options, not undefined.'],
    [
      {},
      "cloud(): originals is undefined; it must be a place for originals, such as fileOriginals({ directory: 'originals' }) of @safelight/originals.",
    ],
    [
      { originals },
      'cloud(): handler is undefined; it must be a function, such as sharpHandler() of @safelight/sharp.',
    ],
    [
      { ...parts, originals: { find: method } },
      "cloud(): originals is an object without receive(), publish(), destroy(), rename(), changeFacts(), versions(), restore(), list(); it must be a place for originals, such as fileOriginals({ directory: 'originals' }) of @safelight/originals.",
    ],
    [
      { ...parts, handler: { resize: method } },
      'cloud(): handler is an object; it must be a function, such as sharpHandler() of @safelight/sharp.',
    ],
    [
      { ...parts, handler: Object.assign(() => {}, { probe: true }) },
      'cloud(): handler.probe is true; it must be a function that reads size and format of a picture.',
    ],
    [{ ...parts, apikey: 'k' }, 'cloud() has no option "apikey". Did you mean apiKey?'],
    [{ ...parts, apiKey: 'k' }, 'apiKey and apiSecret belong together: give both, or neither.'],
    [
      { ...parts, apiKey: '', apiSecret: '' },
      'cloud(): apiKey is an empty string; it must be a string that is not empty; without signed calls, leave it out.',
    ],
    [
      { ...parts, apiKey: 'k', apiSecret: 5 },
      'cloud(): apiSecret is 5; it must be a string that is not empty; without signed calls, leave it out.',
    ],
    [{ ...parts, cache: 'yes' }, 'cloud(): cache is a string; it must be true or false.'],
    [
      { ...parts, deliveryOrigin: 'https://img.example.org' },
      "cloud(): deliveryOrigin is a string; it must be a function, such as () => 'https://img.example.org'.",
    ],
    [
      { ...parts, early: 'media' },
      `early is "media"; expected true, or the path at which it is mounted, without parameters, such as '/thumbs'.`,
    ],
    [{ ...parts, maxUploadBytes: 0 }, 'cloud(): maxUploadBytes is 0; it must be a whole number of bytes, at least 1.'],
    [
      { ...parts, remoteFiles: ['*'] },
      'cloud(): remoteFiles is an array; it must be an object with hosts and privateAddresses and maxBytes and timeoutMs and maxIdleMs and maxRedirects and maxConcurrent.',
    ],
    [
      { ...parts, remoteFiles: {} },
      "cloud(): remoteFiles.hosts is undefined; it must be a list of hosts, such as ['img.example.org', '*.example.net', 'files.example.com:8443'], or ['*'] for all.",
    ],
    [
      { ...parts, remoteFiles: { hosts: ['https://img.example.org'] } },
      `cloud(): remoteFiles.hosts[0] is "https://img.example.org"; it must be a host, such as 'img.example.org', '*.example.org', 'img.example.org:8443' or '*'.`,
    ],
    [
      { ...parts, remoteFiles: { hosts: [], privateAddresses: ['::1', 5] } },
      "cloud(): remoteFiles.privateAddresses[1] is 5; it must be an address or a subnet, such as '10.1.2.3' or 'fd00:1::/64'.",
    ],
    [
      { ...parts, remoteFiles: { hosts: ['*'], timeoutMs: 2_147_483_648 } },
      'cloud(): remoteFiles.timeoutMs is 2147483648; it must be a whole number of milliseconds from 1 to 2147483647.',
    ],
    [{ ...parts, parts: { maxParts: 0 } }, 'cloud(): parts.maxParts is 0; it must be a whole number, at least 1.'],
    [{ ...parts, parts: { maxPart: 5 } }, 'cloud(): parts has no option "maxPart". Did you mean maxParts?'],
    [
      { ...parts, limits: { maxInputPixel: 5 } },
      'cloud(): limits has no option "maxInputPixel". Did you mean maxInputPixels?',
    ],
    [
      { ...parts, limits: { maxOutputPixels: -1 } },
      'cloud(): limits.maxOutputPixels is -1; it must be a number, at least 1.',
    ],
    [
      { ...parts, urlLimits: { maxBytes: '5' } },
      'cloud(): urlLimits.maxBytes is a string; it must be a number, at least 1.',
    ],
    [
      { ...parts, uploadPresets: 'browser' },
      "cloud(): uploadPresets is a string; it must be a list of names, such as ['browser'], or an object with settings, such as { browser: { folder: 'pets' } }.",
    ],
    [
      { ...parts, uploadPresets: ['browser', undefined] },
      "cloud(): uploadPresets[1] is undefined; it must be the name of a preset, such as 'browser'.",
    ],
    [
      { ...parts, uploadPresets: { browser: { usefilename: true } } },
      'cloud(): uploadPresets.browser has no option "usefilename". Did you mean useFilename?',
    ],
    [
      { ...parts, uploadPresets: { browser: { eager: ['c_fil,w_300/jpg'] } } },
      'cloud(): uploadPresets.browser.eager cannot be used. Invalid value for parameter eager. Invalid crop mode in transformation: fil (did you mean c_fill?)',
    ],
  ];
  for (const [wrong, message] of options) {
    it(message, () => {
      assert.throws(() => create(safelight, 'demo', wrong), { message });
    });
  }

  const names: readonly (readonly [name: unknown, shown: string])[] = [
    [undefined, 'undefined'],
    [parts, 'an object'],
    ['', '""'],
    ['a/b', '"a/b"'],
    ['_safelight', '"_safelight"'],
    ['naïve', '"naïve"'],
  ];
  for (const [name, shown] of names) {
    it(`a name that is ${shown}`, () => {
      assert.throws(() => create(safelight, name, parts), {
        name: 'TypeError',
        message: `cloud(): the name is ${shown}; it must be 1 to 128 letters, digits, ".", "-" and "_", and begin with a letter or a digit, as in cloud(safelight, 'demo', options).`,
      });
    });
  }

  for (const [first, shown] of [
    [undefined, 'undefined'],
    ['demo', 'a string'],
    [{}, 'an object'],
  ] as const) {
    it(`${shown} in place of a Safelight`, () => {
      assert.throws(() => create(first, 'demo', parts), {
        name: 'TypeError',
        message: `The first argument is ${shown}; it must be what createSafelight() returns, as in cloud(safelight, 'demo', options).`,
      });
    });
  }

  it('the same name twice on one Safelight', () => {
    create(safelight, 'demo', parts);
    assert.throws(() => create(safelight, 'demo', parts), {
      message:
        'cloud(): this Safelight has a cloud "demo" already. Use the handler of that cloud in both places, or choose another name.',
    });
    create(safelight, 'Demo', parts);
    create(createSafelight(), 'demo', parts);
  });

  it('a wrong option, and its name can be used again', () => {
    assert.throws(() => create(safelight, 'demo', { ...parts, early: 'media' }));
    assert.throws(() => create(safelight, 'demo', { ...parts, maxUploadBytes: 0 }));
    create(safelight, 'demo', parts);
  });

  it('no options that can work', () => {
    create(safelight, 'a', { ...parts, uploadPresets: ['x'], parts: { maxParts: 5 }, limits: {}, urlLimits: {} });
    create(safelight, 'b', {
      ...parts,
      ...{ apiKey: 'k', apiSecret: 's', cache: false, early: '/b', deliveryOrigin: () => 'http://b' },
      uploadPresets: { x: { folder: 'f', eager: ['c_fill,w_300/jpg'] } },
    });
    create(safelight, 'c', { ...parts, apiKey: undefined, apiSecret: undefined, parts: undefined, cache: undefined });
  });
});
