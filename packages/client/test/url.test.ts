import assert from 'node:assert/strict';
import { createClient } from '@safelight/client';
import { createAsset, dangerouslyBuildUrl } from '@safelight/client/url';
import { canonicalTransformation, parseDeliveryPath, type TransformationStep } from '@safelight/protocol';
import fc from 'fast-check';

const place = { endpoint: 'http://localhost:3000', cloudName: 'demo' };
const ref = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg', width: 2400, height: 1600 };
const cat = createAsset(ref, place);

describe('asset.url()', () => {
  const golden: readonly (readonly [string, string, string])[] = [
    ['without a transformation: the original', cat.url(), '/v1795368841/cat.jpg'],
    ['one step', cat.url({ width: 300, crop: 'fill' }), '/c_fill,w_300/v1795368841/cat.jpg'],
    ['keys in any order', cat.url({ crop: 'fill', width: 300 }), '/c_fill,w_300/v1795368841/cat.jpg'],
    [
      'a concrete format is the extension',
      cat.url({ width: 300, format: 'webp' }),
      '/c_scale,w_300/v1795368841/cat.webp',
    ],
    ['a format alone', cat.url({ format: 'png' }), '/v1795368841/cat.png'],
    ['format auto', cat.url({ width: 300, format: 'auto' }), '/c_scale,f_auto,w_300/v1795368841/cat.jpg'],
    ['format auto alone', cat.url({ format: 'auto' }), '/f_auto/v1795368841/cat.jpg'],
    [
      'several steps',
      cat.url([{ width: 300, crop: 'fill' }, { effect: 'grayscale' }]),
      '/c_fill,w_300/e_grayscale/v1795368841/cat.jpg',
    ],
    [
      'the last of several formats counts',
      cat.url([{ width: 300, crop: 'fill', format: 'auto' }, { format: 'avif' }]),
      '/c_fill,w_300/v1795368841/cat.avif',
    ],
  ];
  for (const [name, url, expected] of golden) {
    it(name, () => {
      assert.equal(url, `http://localhost:3000/demo/image/upload${expected}`);
    });
  }

  it('goes to deliveryUrl where there is one, path included', () => {
    const asset = createAsset(ref, { ...place, deliveryUrl: 'https://cdn.example/pictures/' });
    assert.equal(asset.url(), 'https://cdn.example/pictures/demo/image/upload/v1795368841/cat.jpg');
  });

  it('escapes what a public ID may contain', () => {
    const asset = createAsset({ ...ref, publicId: 'Été/a b' }, place);
    assert.equal(new URL(asset.url()).pathname, '/demo/image/upload/v1795368841/%C3%89t%C3%A9/a%20b.jpg');
  });

  it('says what parses back to the same delivery', () => {
    const steps: fc.Arbitrary<TransformationStep> = fc.record(
      {
        width: fc.integer({ min: 1, max: 5000 }),
        height: fc.integer({ min: 1, max: 5000 }),
        crop: fc.constantFrom('fill', 'fit', 'limit', 'pad', 'scale'),
        quality: fc.integer({ min: 1, max: 100 }),
        format: fc.constantFrom('auto', 'webp', 'png'),
        effect: fc.constantFrom('grayscale', 'blur:300'),
      },
      { requiredKeys: ['width', 'height'] },
    );
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 3 }),
        fc.integer({ min: 2, max: 4_000_000_000 }),
        fc.stringMatching(/^[a-zé]{1,8}(\/[a-z0-9 ]{0,6}[a-z]){0,2}$/),
        (transformation, version, publicId) => {
          const url = createAsset({ ...ref, publicId, version }, place).url(transformation);
          const parsed = parseDeliveryPath(new URL(url).pathname);
          assert.ok(parsed.ok, `${url} is no delivery URL`);
          const { delivery } = parsed;
          assert.equal(delivery.publicId, publicId);
          assert.equal(delivery.version, version);
          const formats = transformation.map((step) => step.format).filter((format) => format !== undefined);
          const format = formats.at(-1) ?? 'jpg';
          assert.equal(delivery.extension, format === 'auto' ? 'jpg' : format);
          const bare = canonicalTransformation(transformation.map(({ format: _, ...step }) => step));
          assert.deepEqual(
            delivery.transformation.map(({ format: _, ...step }) => step),
            bare,
          );
        },
      ),
    );
  });
});

describe('client.asset()', () => {
  const client = createClient(place);

  it('takes back what JSON made of an asset', () => {
    const asset = client.asset(JSON.parse(JSON.stringify(cat)));
    assert.deepEqual(asset.toJSON(), ref);
    assert.equal(asset.url({ width: 10 }), cat.url({ width: 10 }));
  });

  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', undefined, /missing is no asset reference/],
    ['a string', 'cat', /"cat" is no asset reference/],
    ['no version', { ...ref, version: undefined }, /the version of "cat" is missing/],
    ['version 0', { ...ref, version: 0 }, /the version of "cat" is 0; expected the Unix seconds/],
    ['version 1, which SDKs invent', { ...ref, version: 1 }, /is 1; .*client\.find\(\)/],
    ['a version as text', { ...ref, version: '1795368841' }, /is "1795368841"/],
    ['an empty public ID', { ...ref, publicId: '' }, /publicId is ""/],
    ['an unknown resource type', { ...ref, resourceType: 'audio' }, /"audio"; expected image, video or raw/],
    ['no format', { ...ref, format: undefined }, /the format of "cat" is missing/],
  ];
  for (const [name, value, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => client.asset(value), { name: 'SafelightError', code: 'invalid_asset_ref', message });
    });
  }

  it('makes assets that cannot be altered', () => {
    assert.ok(Object.isFrozen(client.asset(ref)));
  });
});

describe('asset.attrs()', () => {
  const url = (step: string, extension = 'jpg'): string =>
    `http://localhost:3000/demo/image/upload/${step}/v1795368841/cat.${extension}`;

  it('offers two densities and keeps the proportions', () => {
    assert.deepEqual(cat.attrs({ width: 300, alt: 'A cat' }), {
      src: url('c_scale,w_300'),
      srcset: `${url('c_scale,w_300')} 1x, ${url('c_scale,w_600')} 2x`,
      width: 300,
      height: 200,
      alt: 'A cat',
    });
  });

  it('fills a box', () => {
    const { src, srcset, height } = cat.attrs({ width: 300, height: 100, format: 'webp', alt: '' });
    assert.equal(src, url('c_fill,h_100,w_300', 'webp'));
    assert.match(srcset, /c_fill,h_200,w_600/);
    assert.equal(height, 100);
  });

  it('offers widths with sizes, none wider than the original', () => {
    const { srcset, sizes } = cat.attrs({ width: 600, sizes: '100vw', alt: '' });
    assert.equal(sizes, '100vw');
    assert.deepEqual(
      srcset.split(', ').map((candidate) => candidate.split(' ')[1]),
      ['320w', '600w', '640w', '960w', '1280w', '1920w'],
    );
  });

  it('offers no second density that would have to be scaled up', () => {
    assert.doesNotMatch(cat.attrs({ width: 1300, alt: '' }).srcset, /2x/);
  });
});

describe('dangerouslyBuildUrl()', () => {
  it('names no version', () => {
    assert.equal(
      dangerouslyBuildUrl(place, 'cat.jpg', { width: 300, crop: 'fill' }),
      'http://localhost:3000/demo/image/upload/c_fill,w_300/cat.jpg',
    );
  });

  it('takes a public ID without an extension, and a format instead of one', () => {
    assert.equal(dangerouslyBuildUrl(place, 'pets/cat'), 'http://localhost:3000/demo/image/upload/pets/cat');
    assert.match(dangerouslyBuildUrl(place, 'pets/cat.jpg', { format: 'webp' }), /upload\/pets\/cat\.webp$/);
  });

  it('warns once per client, naming the way out', () => {
    const warnings: string[] = [];
    const client = createClient({ ...place, warn: (message) => warnings.push(message) });
    client.dangerouslyBuildUrl('cat');
    client.dangerouslyBuildUrl('dog');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /"cat" names no version.*client\.find\(\)/);
  });
});

describe('createClient()', () => {
  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['a relative endpoint', { endpoint: '/api' }, /endpoint is "\/api". Expected an absolute URL/],
    ['a delivery URL of another kind', { deliveryUrl: 'ftp://x' }, /deliveryUrl is "ftp:\/\/x"/],
    ['an empty cloud name', { cloudName: '' }, /cloudName is ""/],
  ];
  for (const [name, change, message] of wrong) {
    it(`refuses ${name} at once`, () => {
      assert.throws(() => createClient({ ...place, ...change }), { name: 'TypeError', message });
    });
  }
});
