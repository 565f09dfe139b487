import assert from 'node:assert/strict';
import fc from 'fast-check';
import { repetitionsOfRun } from '../../../../test/servers/cases-of-run.ts';
import type { GuardRouteOptions } from '../../src/guard/guard-route-options.ts';
import { imgproxy } from '../../src/presets/imgproxy.ts';
import { ipx } from '../../src/presets/ipx.ts';
import { nextImage } from '../../src/presets/next-image.ts';
import { querySource } from '../../src/presets/query-source.ts';
import { thumbor } from '../../src/presets/thumbor.ts';
import { namesOf } from './request-of.ts';

const presets: Readonly<Record<string, GuardRouteOptions>> = {
  'ipx()': ipx(),
  'ipx({ prefix })': ipx({ prefix: '/img' }),
  'imgproxy()': imgproxy(),
  'imgproxy({ … })': imgproxy({ onlyPresets: true, filename: true, baseUrl: 'http://a/', enforcesFormat: true }),
  'thumbor()': thumbor(),
  "thumbor({ loader: 'file' })": thumbor({ loader: 'file' }),
  'querySource()': querySource({ negotiates: true }),
  'nextImage()': nextImage(),
};

/** Pieces that servers interpret, that break decoders, or that leave a folder. */
const pieces = [
  ...['/', '//', '..', '.', '?', '&', '=', '#', ':', ':/', '@', '%', '%2', '%2F', '%2f', '%25', '%252F', '%zz', '%00'],
  ...[
    '%ff%fe',
    '%ED%A0%80',
    '%F0%9F%98%80',
    '\u00ff',
    '\\',
    '"',
    '<',
    "'",
    '(',
    ')',
    ',',
    '_',
    '+',
    '*',
    'http:',
    'https:',
  ],
  ...[
    'plain',
    'enc',
    'unsafe',
    'filters:',
    'format(webp)',
    'fit-in',
    '300x200',
    'w_300',
    'f_auto',
    'rs:fill:1:1',
    'local:',
  ],
  ...['cat.jpg', 'aHR0cDovL2E', '.png', 'url=', 'src=', 'w=1', '_next/image', '/img', 'http://[::1', '__proto__', 'f_'],
];
const urls = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => `/${parts.join('')}`),
  fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join('/')),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const parts = fc.record({
  accept: fc.option(fc.string({ maxLength: 30 }), { nil: undefined }),
  mount: fc.constantFrom('', '/img', '/a/b'),
});

const urlCount = process.env['SAFELIGHT_LONG'] === '1' ? 20_000 : repetitionsOfRun({ first: 1_000, all: 4_000 });

describe('presets: hostile URLs', () => {
  for (const [name, preset] of Object.entries(presets)) {
    it(`${name}: ${urlCount} of them have a name or none, and do not throw`, function () {
      this.timeout(20_000);
      fc.assert(
        fc.property(urls, parts, (url, around) => {
          const { asset, derivation } = namesOf(preset, url, around);
          assert.ok(asset === undefined || typeof asset === 'string');
          assert.equal(typeof derivation, 'string');
          // The same URL always has the same names.
          assert.deepEqual(namesOf(preset, url, around), { asset, derivation });
        }),
        { numRuns: urlCount },
      );
    });

    it(`${name}: URLs longer than Node accepts are read in linear time`, () => {
      const repeated = [
        '/plain/',
        '/plain/a:',
        ':/',
        'filters:a)',
        'filters:(/',
        '%25',
        '%',
        '../',
        '@',
        'a,',
        '1x',
        '\\',
      ];
      for (const piece of repeated) {
        const long = piece.repeat(Math.ceil(64_000 / piece.length));
        // Quadratic work would take seconds for these; the test runner's limit ends it.
        for (const start of ['/unsafe/', '/w_300/', '/s/plain/', '/_next/image?url=', '/?src='])
          for (let again = 0; again < 5; again += 1) namesOf(preset, start + long);
      }
    });
  }
});
