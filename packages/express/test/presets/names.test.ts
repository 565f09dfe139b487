import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { GuardRouteOptions } from '../../src/guard/guard-route-options.ts';
import { imgproxy } from '../../src/presets/imgproxy.ts';
import { ipx } from '../../src/presets/ipx.ts';
import { nextImage } from '../../src/presets/next-image.ts';
import { querySource } from '../../src/presets/query-source.ts';
import { thumbor } from '../../src/presets/thumbor.ts';
import { chromium, namesOf, neither, webpOnly } from './request-of.ts';

type Row = readonly [url: string, asset: string | undefined];

function table(preset: GuardRouteOptions, rows: readonly Row[]): void {
  for (const [url, asset] of rows) it(`${url} is ${asset}`, () => assert.equal(namesOf(preset, url).asset, asset));
}

const assetsOf = (preset: GuardRouteOptions, urls: readonly string[]) =>
  new Set(urls.map((url) => namesOf(preset, url).asset));
const derivationsOf = (preset: GuardRouteOptions, urls: readonly string[]) =>
  new Set(urls.map((url) => namesOf(preset, url).derivation));
const negotiated = (preset: GuardRouteOptions, url: string) =>
  new Set([chromium, webpOnly, neither].map((accept) => namesOf(preset, url, { accept }).derivation)).size;

describe('presets: names', () => {
  describe('ipx', () => {
    // The README of unjs/ipx.
    table(ipx(), [
      ['/w_200/static/buffalo.png', 'static/buffalo.png'],
      ['/_/static/buffalo.png', 'static/buffalo.png'],
      ['/f_webp/static/buffalo.png', 'static/buffalo.png'],
      ['/embed,f_webp,s_200x200/static/buffalo.png', 'static/buffalo.png'],
      ['/w_300//cat.jpg', 'cat.jpg'],
      ['/w_300/a%2Fcat%20one.jpg', 'a/cat one.jpg'],
      ['/w_300/cat.jpg?v=2', 'cat.jpg?v=2'],
      ['/_/https://example.org/a%20b.jpg?x=1', 'https://example.org/a%20b.jpg?x=1'],
      ['/_/https:/EXAMPLE.org:443/cat.jpg', 'https://example.org/cat.jpg'],
      ['/_/https%3A%2F%2Fexample.org%2Fcat.jpg', 'https://example.org/cat.jpg'],
      ['/w_300/100%.jpg', '100%.jpg'],
      ['/w_300', '/w_300'],
      ['/', '/'],
      ['//cat.jpg', '//cat.jpg'],
    ]);

    it('a path with .. is another asset than the path that it leads to', () => {
      const urls = ['cat.jpg', '../cat.jpg', 'a/../cat.jpg', './cat.jpg', 'cat.jpg/'].map((id) => `/w_300/${id}`);
      assert.equal(assetsOf(ipx(), urls).size, urls.length);
    });

    it('spellings of one transformation are one derivation', () => {
      const spellings = ['w_300,f_webp', 'w_300&f_webp', 'w:300,f=webp', 'w_300%2Cf_webp', 'w_1,f_webp,w_300'];
      assert.equal(
        derivationsOf(
          ipx(),
          spellings.map((text) => `/${text}/cat.jpg`),
        ).size,
        1,
      );
    });

    it('different transformations are different derivations', () => {
      const different = [
        'w_300',
        'w_301',
        'h_300',
        'w_300,h_300',
        '_',
        'w_300,f_webp',
        'w_300%252Cf_webp',
        'w',
        'animated',
      ];
      assert.equal(
        derivationsOf(
          ipx(),
          different.map((text) => `/${text}/cat.jpg`),
        ).size,
        different.length,
      );
    });

    it('depends on Accept when ipx does', () => {
      for (const auto of ['f_auto', 'format_auto', 'w_300,f_auto', 'f_,format_auto']) {
        assert.equal(negotiated(ipx(), `/${auto}/cat.jpg`), 3, auto);
      }
      for (const named of ['f_webp', '_', 'w_300', 'f_webp,format_auto']) {
        assert.equal(negotiated(ipx(), `/${named}/cat.jpg`), 1, named);
      }
    });
  });

  describe('imgproxy', () => {
    const options = 'preset:sharp/resize:fill:300:400:0/gravity:sm';
    const curiosity = 'http://example.com/images/curiosity.jpg';
    // The example at the end of docs.imgproxy.net/usage/processing, and options/parser/processing_options_test.go.
    table(imgproxy(), [
      [`/AfrOrF3gWeDA6VOlDG4TzxMv39O7MXnF4CXpKUwGqRM/${options}/plain/${curiosity}@png`, curiosity],
      [
        `/AfrOrF3gWeDA6VOlDG4TzxMv39O7MXnF4CXpKUwGqRM/${options}/plain/http%3A%2F%2Fexample.com%2Fimages%2Fcuriosity.jpg@png`,
        curiosity,
      ],
      [`/_/${options}/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png`, curiosity],
      ['/_/aHR0cDovL2V4YW1wbGUuY29tL2ltYWdlcy9jdXJpb3NpdHkuanBn', curiosity],
      ['/_/aHR0cDovL2V4YW1wbGUuY29tL2ltYWdlcy9jdXJpb3NpdHkuanBn==.webp', curiosity],
      [`/_/w:300/plain/${curiosity}?stray=1`, curiosity],
      ['/_/w:300/plain/http:/example.com/images/curiosity.jpg', curiosity],
      ['/_/plain/local:///cat.jpg', 'local:///cat.jpg'],
      ['/_/w:300/plain/local:/cat.jpg', 'local:///cat.jpg'],
      ['/_/w:300/plain/s3://bucket/cat%3Fx.jpg@', 's3://bucket/cat?x.jpg'],
      ['/_/w:300/enc/VGVzdA/VGVzdA.png', 'enc/VGVzdAVGVzdA'],
      ['/_/w:300/plain/a@b@c', '/_/w:300/plain/a@b@c'],
      ['/_/w:300/plain/%zz', '/_/w:300/plain/%zz'],
      ['/_/w:300', '/_/w:300'],
      ['/_/w:300/***', '/_/w:300/***'],
      ['/health', '/health'],
    ]);

    it('follows the configuration of the server', () => {
      const base64 = 'aHR0cDovL2V4YW1wbGUuY29tL2ltYWdlcy9jdXJpb3NpdHkuanBn';
      const { asset } = namesOf(imgproxy({ filename: true }), `/_/w:300/${base64}.png/puppy.jpg`);
      assert.equal(asset, curiosity);
      const configured: readonly (readonly [GuardRouteOptions, string])[] = [
        [imgproxy({ separator: ',' }), `/_/size,100,100/plain/${curiosity}`],
        [imgproxy({ onlyPresets: true }), `/_/sharp/plain/${curiosity}`],
        [imgproxy({ baseUrl: 'http://example.com/' }), '/_/w:1/plain/images/curiosity.jpg'],
        [imgproxy({ baseUrl: 'http://example.com/' }), `/_/w:1/plain/${curiosity}`],
        [imgproxy({ prefix: '/imgproxy' }), `/imgproxy/_/w:1/plain/${curiosity}`],
      ];
      for (const [preset, url] of configured) assert.equal(namesOf(preset, url).asset, curiosity, url);
    });

    it('a wrong signature is another derivation than the right one', () => {
      const urls = [`/right/w:300/plain/${curiosity}`, `/wrong/w:300/plain/${curiosity}`];
      assert.deepEqual([assetsOf(imgproxy(), urls).size, derivationsOf(imgproxy(), urls).size], [1, 2]);
    });

    it('depends on Accept unless a format is named, and also when named formats are overridden', () => {
      const counts = (preset: GuardRouteOptions, ends: readonly string[]) =>
        ends.map((end) => negotiated(preset, `/_/${end}`));
      const named = [`plain/${curiosity}@png`, `f:png/plain/${curiosity}`, `w:1/ext:png/plain/${curiosity}`, 'YQ.png'];
      assert.deepEqual(counts(imgproxy(), named), [1, 1, 1, 1]);
      assert.deepEqual(counts(imgproxy(), [`w:1/plain/${curiosity}`, 'YQ', `pr:f/plain/${curiosity}`]), [3, 3, 3]);
      assert.deepEqual(counts(imgproxy({ enforcesFormat: true }), named), [3, 3, 3, 3]);
      assert.deepEqual(counts(imgproxy({ onlyPresets: true }), [`f:x/plain/${curiosity}`]), [3]);
    });

    it('client hints select sizes, so they are part of the derivation', () => {
      const hinted = [{}, { dpr: '2' }, { 'sec-ch-dpr': '2' }, { width: '2' }].map(
        (headers) => namesOf(imgproxy(), `/_/plain/${curiosity}`, { headers }).derivation,
      );
      assert.equal(new Set(hinted).size, hinted.length);
    });
  });

  describe('thumbor', () => {
    const example = 'https://github.com/thumbor/thumbor/raw/master/example.jpg';
    // thumbor.readthedocs.io: "Usage" and "Filters"; thumbor/url.py for the optional parts.
    table(thumbor(), [
      [`/unsafe/${example}`, example],
      [`/unsafe/300x200/${example}`, example],
      [`/1_6x25QaeExcQVmtuNyrr_lOs-0=/300x200/smart/${example}`, example],
      [
        `/unsafe/meta/trim:bottom-right:10/10x11:12x13/adaptive-full-fit-in/-300x-200/left/top/smart/${example}`,
        example,
      ],
      [
        `/unsafe/filters:brightness(10):contrast(30)/https%3A%2F%2Fgithub.com%2Fthumbor%2Fthumbor%2Fraw%2Fmaster%2Fexample.jpg`,
        example,
      ],
      [`/unsafe/0x0/filters:watermark(http://a.org/w.png,-10,-10,50)/${example}?x=1`, example],
      ['/unsafe/300x200/example.org/cat.jpg', 'http://example.org/cat.jpg'],
      ['/unsafe/origxorig/example.org/a%20b.jpg', 'http://example.org/a%20b.jpg'],
      ['/unsafe/x/example.org/a%2520b.jpg', 'http://example.org/a%20b.jpg'],
      ['/unsafe/trimmed.org/cat.jpg', 'http://trimmed.org/cat.jpg'],
      ['/', 'http:///'],
    ]);
    table(thumbor({ loader: 'https' }), [['/unsafe/300x200/example.org/cat.jpg', 'https://example.org/cat.jpg']]);
    table(thumbor({ loader: 'file' }), [
      ['/unsafe/300x200/folder/cat.jpg', 'folder/cat.jpg'],
      ['/unsafe/fit-in/300x200/%2Ffolder%2F./x/../cat%20one.jpg', 'folder/cat one.jpg'],
      ['/unsafe/../cat.jpg', '../cat.jpg'],
    ]);

    it('a wrong signature is another derivation than the right one', () => {
      const urls = ['1_6x25QaeExcQVmtuNyrr_lOs-0=', '2_6x25QaeExcQVmtuNyrr_lOs-0=', 'unsafe'].map(
        (key) => `/${key}/1x1/a/b`,
      );
      assert.deepEqual([assetsOf(thumbor(), urls).size, derivationsOf(thumbor(), urls).size], [1, 3]);
    });

    it('depends on Accept unless a filter names the format', () => {
      assert.equal(negotiated(thumbor(), `/unsafe/300x200/${example}`), 3);
      assert.equal(negotiated(thumbor(), `/unsafe/filters:quality(80):format(webp)/${example}`), 1);
      assert.equal(negotiated(thumbor(), `/unsafe/filters:text(format(webp))/${example}`), 3);
    });
  });

  describe('querySource', () => {
    table(querySource(), [
      ['/resize?src=cat.jpg&w=300', 'cat.jpg'],
      ['/resize?w=300&src=a%2Fcat+one.jpg', 'a/cat one.jpg'],
      ['/?src=https://example.org/cat.jpg?x=1', 'https://example.org/cat.jpg?x=1'],
      ['/resize?src=a&src=b', undefined],
      ['/resize?src=', undefined],
      ['/resize?url=cat.jpg', undefined],
      ['/resize', undefined],
    ]);
    table(querySource({ parameter: 'url' }), [['/resize?src=dog.jpg&url=cat.jpg', 'cat.jpg']]);

    it('depends on Accept with negotiates', () => {
      assert.equal(negotiated(querySource(), '/resize?src=cat.jpg'), 1);
      assert.equal(negotiated(querySource({ negotiates: true }), '/resize?src=cat.jpg'), 3);
    });
  });

  describe('nextImage', () => {
    table(nextImage(), [
      ['/_next/image?url=%2F_next%2Fstatic%2Fmedia%2Fme.7b4b1d.png&w=1920&q=75', '/_next/static/media/me.7b4b1d.png'],
      ['/docs/_next/image/?url=%2Fcat.jpg&w=640&q=75', '/cat.jpg'],
      ['/_next/image?url=https%3A%2F%2FExample.org%2Fa%20b.jpg&w=640&q=75', 'https://example.org/a%20b.jpg'],
      ['/_next/image?url=a&url=b&w=640&q=75', undefined],
      ['/_next/image?w=640&q=75', undefined],
      ['/_next/images?url=%2Fcat.jpg', undefined],
      ['/about?url=%2Fcat.jpg', undefined],
    ]);
    table(nextImage({ path: '/pictures' }), [['/pictures?url=%2Fcat.jpg&w=640&q=75', '/cat.jpg']]);

    it('a derivation consists of width, quality and the formats of Accept, and of nothing else', () => {
      const url = '/_next/image?url=%2Fcat.jpg';
      const different = ['&w=640&q=75', '&w=750&q=75', '&w=640&q=80', '&w=640', '&w=640&w=640&q=75'];
      assert.equal(
        derivationsOf(
          nextImage(),
          different.map((text) => url + text),
        ).size,
        different.length,
      );
      const same = ['&w=640&q=75', '&q=75&w=640', '&w=640&q=75&dpl=dpl_1'];
      assert.equal(
        derivationsOf(
          nextImage(),
          same.map((text) => url + text),
        ).size,
        1,
      );
      assert.equal(negotiated(nextImage(), `${url}&w=640&q=75`), 3);
    });
  });

  describe('all presets', () => {
    const served: readonly (readonly [
      name: string,
      preset: GuardRouteOptions,
      urlOf: (id: string, size: number) => string,
    ])[] = [
      ['ipx', ipx(), (id, size) => `/w_${size}/${encodeURIComponent(id)}`],
      ['imgproxy, plain', imgproxy(), (id, size) => `/_/w:${size}/plain/${encodeURIComponent(id)}`],
      ['imgproxy, base64', imgproxy(), (id, size) => `/_/w:${size}/${Buffer.from(id).toString('base64url')}`],
      ['thumbor', thumbor({ loader: 'file' }), (id, size) => `/unsafe/${size}x0/${encodeURIComponent(id)}`],
      ['querySource', querySource(), (id, size) => `/?w=${size}&src=${encodeURIComponent(id)}`],
      ['nextImage', nextImage(), (id, size) => `/_next/image?url=%2F${encodeURIComponent(id)}&w=${size}&q=75`],
    ];
    const id = fc
      .array(fc.string({ unit: fc.constantFrom(...'abz09 äß€😀%+&=?#@:;,()_-'), minLength: 1, maxLength: 8 }), {
        minLength: 1,
        maxLength: 3,
      })
      .map((folders) => `x${folders.join('/x')}`);
    /** Escapes a character of the path that needs no escape. */
    const escapedAt = (url: string, at: number) => {
      const character = url[at % url.length] ?? '';
      return /[a-z]/.test(character)
        ? url.slice(0, at % url.length) + escaped(character) + url.slice((at % url.length) + 1)
        : url;
    };
    const escaped = (character: string) => `%${character.charCodeAt(0).toString(16)}`;

    for (const [name, preset, urlFor] of served) {
      it(`${name}: each ID is returned, two IDs are two assets, two sizes are two derivations`, () => {
        const size = fc.integer({ min: 1, max: 4000 });
        fc.assert(
          fc.property(id, id, size, size, (one, other, small, large) => {
            const first = namesOf(preset, urlFor(one, small));
            const second = namesOf(preset, urlFor(other, large));
            assert.equal(first.asset, name === 'nextImage' ? `/${one}` : one);
            assert.equal(first.asset === second.asset, one === other);
            const sizes = [small, large].map((width) => namesOf(preset, urlFor(one, width)));
            assert.equal(sizes[0]?.asset, sizes[1]?.asset);
            assert.equal(sizes[0]?.derivation === sizes[1]?.derivation, small === large);
          }),
          { numRuns: 2000 },
        );
      });

      it(`${name}: mount points do not change the asset, but distinguish derivations`, () => {
        const url = urlFor('x/cat.jpg', 300);
        const [bare, mounted, elsewhere] = [{}, { mount: '/a' }, { mount: '/b' }].map((at) => namesOf(preset, url, at));
        assert.equal(mounted?.asset, bare?.asset);
        assert.equal(elsewhere?.asset, bare?.asset);
        assert.equal(new Set([bare?.derivation, mounted?.derivation, elsewhere?.derivation]).size, 3);
      });
    }

    for (const [name, preset, urlFor] of served.filter(([name]) => name !== 'imgproxy, base64')) {
      it(`${name}: an unnecessary escape names the same asset`, () => {
        fc.assert(
          fc.property(id, fc.nat(400), (one, at) => {
            const url = urlFor(one, 300);
            const start = url.lastIndexOf(encodeURIComponent(one));
            const spelling = url.slice(0, start) + escapedAt(url.slice(start), at);
            assert.equal(namesOf(preset, spelling).asset, namesOf(preset, url).asset);
          }),
          { numRuns: 2000 },
        );
      });
    }

    it('URLs that are not below the prefix have no asset', () => {
      for (const make of [ipx, imgproxy, thumbor]) {
        const preset = make({ prefix: '/img' });
        assert.equal(namesOf(preset, '/imgs/_/cat.jpg').asset, undefined);
        assert.equal(namesOf(preset, '/img').asset, undefined);
        assert.notEqual(namesOf(preset, '/img/_/cat.jpg').asset, undefined);
      }
    });

    it('options that cannot work are refused with a message', () => {
      const refused: readonly (readonly [() => GuardRouteOptions, RegExp])[] = [
        [() => ipx({ prefix: 'img' }), /prefix is 'img'; it must begin with a slash/],
        [() => thumbor({ prefix: '/img/' }), /not end with one/],
        [() => imgproxy({ separator: '' }), /separator is ''; it must be what IMGPROXY_ARGUMENTS_SEPARATOR is/],
        [
          () => thumbor({ loader: 's3' as 'http' }),
          /^TypeError: thumbor\(\): loader is "s3"; it must be 'http', 'https' or 'file'\.$/,
        ],
        [
          () => querySource({ parameter: '' }),
          /^TypeError: querySource\(\): parameter is an empty string; it must be the name of a parameter/,
        ],
        [() => nextImage({ path: '_next' }), /path is '_next'; it must be what images\.path is/],
      ];
      for (const [make, words] of refused) assert.throws(make, words);
    });
  });
});
