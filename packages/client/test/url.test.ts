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
    [
      'a ratio, a pixel density and flags',
      cat.url({ width: 300, aspectRatio: '16:9', crop: 'lfill', dpr: 2, flags: ['progressive', 'attachment:my cat'] }),
      '/ar_16:9,c_lfill,dpr_2,fl_progressive.attachment:my%20cat,w_300/v1795368841/cat.jpg',
    ],
    ['keys in any order', cat.url({ crop: 'fill', width: 300 }), '/c_fill,w_300/v1795368841/cat.jpg'],
    ['a concrete format is the extension', cat.url({ width: 300, format: 'webp' }), '/w_300/v1795368841/cat.webp'],
    ['a format alone', cat.url({ format: 'png' }), '/v1795368841/cat.png'],
    ['format auto', cat.url({ width: 300, format: 'auto' }), '/f_auto,w_300/v1795368841/cat.jpg'],
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

  it('begins with deliveryUrl when it is set, including its path', () => {
    const asset = createAsset(ref, { ...place, deliveryUrl: 'https://cdn.example/pictures/' });
    assert.equal(asset.url(), 'https://cdn.example/pictures/demo/image/upload/v1795368841/cat.jpg');
  });

  it('has the extension of a raw file, which is a part of its ID', () => {
    const file = createAsset({ publicId: 'docs/a.b.csv', version: 5, resourceType: 'raw', format: 'csv' }, place);
    assert.equal(file.url(), 'http://localhost:3000/demo/raw/upload/v5/docs/a.b.csv');
  });

  it('ends with a dot when the original has no extension and its ID looks like a file name', () => {
    const asset = createAsset({ ...ref, publicId: 'mr.cat', format: '' }, place);
    assert.equal(asset.url(), 'http://localhost:3000/demo/image/upload/v1795368841/mr.cat.');
    assert.match(asset.url({ format: 'webp' }), /\/mr\.cat\.webp$/);
  });

  it('escapes the characters of a public ID', () => {
    const asset = createAsset({ ...ref, publicId: 'Été/a b' }, place);
    assert.equal(new URL(asset.url()).pathname, '/demo/image/upload/v1795368841/%C3%89t%C3%A9/a%20b.jpg');
  });

  const refused: readonly (readonly [name: string, transformation: unknown, message: RegExp])[] = [
    ['an unknown property', { widht: 300 }, /^A transformation has no option "widht"\. Did you mean width\?$/],
    [
      'a property of every object',
      { constructor: 300 },
      /has no option "constructor"\. It has angle, aspectRatio, background, crop,/,
    ],
    ['a property out of JSON', JSON.parse('{"__proto__":300}'), /has no option "__proto__"/],
    [
      'a computed width',
      { width: 412.5 },
      /^width is "412\.5" \(number\)\. Expected a whole number of pixels \(round it\), a multiple such as '0\.5', iw or ih\.$/,
    ],
    ['a width that is not a size', { width: 'x' }, /^width is "x" \(string\)\. Expected a whole number of pixels/],
    ['no width at all', { width: 0 }, /^width is "0"/],
    ['a size that is not offered', { height: 'auto' }, /^height is "auto"/],
    ['several widths', { width: [300, 600] }, /^width is "300,600" \(array\)/],
    [
      'a broken offset',
      { x: 0.5 },
      /^x is "0\.5" \(number\)\. Expected a whole number of pixels \(round it\), or a multiple such as '0\.5'\.$/,
    ],
    [
      'an unfinished crop',
      { crop: 'fil' },
      /^crop is "fil" \(string\)\. Expected scale, fit, limit, mfit, fill, lfill, fill_pad, pad, lpad, mpad, crop or thumb\. Did you mean fill\?$/,
    ],
    ['a gravity that is not offered', { gravity: 'face' }, /^gravity is "face".* Expected center, north, /],
    ['a misspelt gravity', { gravity: 'nroth' }, /Did you mean north\?$/],
    ['a quality beyond 100', { quality: 101 }, /^quality is "101".* Expected 1 to 100, 80:444, auto, auto:best, /],
    ['a misspelt quality', { quality: 'auto:goood' }, /Did you mean auto:good\?$/],
    ['a misspelt flip', { angle: [90, 'hflp'] }, /^angle is "hflp".* or ignore\. Did you mean hflip\?$/],
    ['a misspelt effect', { effect: 'greyscale' }, /^effect is "greyscale".* Did you mean grayscale\?$/],
    ['a negative radius', { radius: -1 }, /^radius is "-1".* Expected a whole number of pixels \(round it\) or max\.$/],
    ['a colour as CSS writes it', { background: '#fff' }, /^background is "#fff".* rgb: and hex digits\.$/],
    [
      'a format that is not offered',
      { format: 'pfd' },
      /^format is "pfd".* Expected jpg, png, webp, avif, gif, tiff or auto/,
    ],
    ['no number', { width: Number.NaN }, /width is "NaN"/],
    ['an endless width', { width: Number.POSITIVE_INFINITY }, /width is "Infinity"/],
    ['null', { crop: null }, /crop is "null" \(object\)/],
    ['yes', { quality: true }, /quality is "true" \(boolean\)/],
    ['a nested list', { radius: [[1, 2], 3] }, /radius is "1,2"/],
    ['another folder', { effect: 'blur/../../other' }, /effect is "blur\/\.\.\/\.\.\/other"/],
    ['another parameter', { background: 'red,w_5000' }, /background is "red,w_5000"/],
    ['a query', { gravity: 'north?x' }, /gravity is "north\?x"/],
    ['an escape', { background: '%2e%2e' }, /background is "%2e%2e"/],
    ['a format with a folder', { format: 'jpg/../x' }, /format is "jpg\/\.\.\/x"/],
    ['a format with a dot', { format: 'a.b' }, /format is "a\.b"/],
    ['a number for a step', 300, /^A transformation takes an object, not 300\.$/],
    ['a component for a step', 'c_fill,w_300', /^A transformation takes an object, not c_fill,w_300\.$/],
    ['a number among steps', [{ width: 300 }, 300], /^A transformation takes an object, not 300\.$/],
    ['null for a step', null, /null/],
    ['an asset for a step', cat, /has no option "publicId"/],
  ];
  for (const [name, transformation, message] of refused) {
    it(`refuses ${name}`, () => {
      const refusal = { name: 'SafelightError', code: 'invalid_transformation', message };
      assert.throws(() => cat.url(transformation as TransformationStep), refusal);
      assert.throws(() => cat.transform(transformation as TransformationStep).url({ crop: 'fill', width: 5 }), refusal);
      assert.throws(() => dangerouslyBuildUrl(place, 'cat', transformation as TransformationStep), refusal);
    });
  }

  it('parses back to the same delivery', () => {
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

describe('asset.transform()', () => {
  const origin = 'http://localhost:3000/demo/image/upload';
  const face = cat.transform({ crop: 'crop', width: 400, height: 300, x: 10, y: 20 });

  it('is applied before the transformation of url()', () => {
    assert.equal(face.url(), `${origin}/c_crop,h_300,w_400,x_10,y_20/v1795368841/cat.jpg`);
    assert.equal(face.url({ width: 200 }), `${origin}/c_crop,h_300,w_400,x_10,y_20/w_200/v1795368841/cat.jpg`);
    assert.equal(cat.url(), `${origin}/v1795368841/cat.jpg`, 'the asset itself has not changed');
  });

  it('can be repeated, and takes several steps', () => {
    const small = face.transform([{ effect: 'grayscale' }, { width: 200 }]).transform({ angle: 90 });
    assert.equal(
      small.url({ quality: 'auto' }),
      `${origin}/c_crop,h_300,w_400,x_10,y_20/e_grayscale/w_200/a_90/q_auto/v1795368841/cat.jpg`,
    );
  });

  it('has a format only once: the last one', () => {
    const webp = cat.transform({ width: 200, format: 'webp' });
    assert.equal(webp.url(), `${origin}/w_200/v1795368841/cat.webp`);
    assert.equal(webp.url({ format: 'png' }), `${origin}/w_200/v1795368841/cat.png`);
    assert.equal(webp.url({ format: 'auto', quality: 50 }), `${origin}/w_200/f_auto,q_50/v1795368841/cat.jpg`);
  });

  it('returns an object that cannot be changed and is not an asset', () => {
    assert.ok(Object.isFrozen(face));
    assert.throws(() => createAsset(JSON.parse(JSON.stringify(face)), place), { code: 'invalid_asset_ref' });
    assert.throws(() => `${face}`, /Call asset\.url\(\)/);
  });
});

describe('client.asset()', () => {
  const client = createClient(place);

  it('reads the JSON of an asset', () => {
    const asset = client.asset(JSON.parse(JSON.stringify(cat)));
    assert.deepEqual(asset.toJSON(), ref);
    assert.equal(asset.url({ width: 10 }), cat.url({ width: 10 }));
  });

  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', undefined, /publicId is "undefined"/],
    ['null', null, /publicId is "undefined"/],
    ['a string', 'cat', /publicId is "undefined"/],
    ['no version', { ...ref, version: undefined }, /version is "undefined".* Expected Unix seconds of its upload/],
    ['version 0', { ...ref, version: 0 }, /version is "0".*; 0 and 1 mean unknown/],
    ['version 1, which SDKs invent', { ...ref, version: 1 }, /version is "1" \(number\)/],
    ['a version as text', { ...ref, version: '1795368841' }, /version is "1795368841" \(string\)/],
    ['a version as a bigint', { ...ref, version: 1795368841n }, /version is "1795368841" \(bigint\)/],
    // A number with more digits than a version may have would be parsed as a folder.
    ['a version in microseconds', { ...ref, version: 1_795_368_841_000_000 }, /version is "1795368841000000"/],
    ['a broken version', { ...ref, version: 1.5 }, /version is "1.5"/],
    ['an empty public ID', { ...ref, publicId: '' }, /publicId is ""/],
    ['a public ID that is an address', { ...ref, publicId: 'https://x.example/?cat' }, /publicId is .* without \?&#/],
    ['a public ID that leaves its folder', { ...ref, publicId: '../cat' }, /publicId is "\.\.\/cat"/],
    ['a misspelt resource type', { ...ref, resourceType: 'images' }, /Did you mean image\?$/],
    [
      'an unknown resource type',
      { ...ref, resourceType: 'audio' },
      /"audio" \(string\)\. Expected image, video or raw\.$/,
    ],
    ['no format', { ...ref, format: undefined }, /format is "undefined"/],
    ['a format that is none', { ...ref, format: 'j/g' }, /format is "j\/g"/],
  ];
  for (const [name, value, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => client.asset(value), { name: 'SafelightError', code: 'invalid_asset_ref', message });
    });
  }

  it('reports that a promise must be awaited', () => {
    // Like code without types.
    const promise: unknown = Promise.resolve(ref);
    const refusal = { name: 'SafelightError', code: 'original_not_ready', message: /Await .*Promise.* first/ };
    assert.throws(() => client.asset(promise), refusal);
    assert.throws(() => createAsset(promise, place), refusal);
  });

  it('reports the phase of an upload', async () => {
    const task: unknown = client.upload(new Blob(['cat']), { publicId: 'pets/cat', signal: AbortSignal.abort() });
    await assert.rejects(task as Promise<unknown>, { name: 'AbortError' });
    const refusal = { code: 'original_not_ready', publicId: 'pets/cat', phase: 'aborted', hint: /Await it first/ };
    assert.throws(() => client.asset(task), refusal);
    assert.throws(() => createAsset(task, place), refusal);
  });

  it('drops unknown fields, and optional fields with a wrong type', () => {
    const asset = client.asset({
      ...ref,
      url: 'https://evil.example',
      toJSON: 1,
      width: '2400',
      height: null,
      bytes: 5,
    });
    const { width: _, height: __, ...rest } = ref;
    assert.deepEqual(asset.toJSON(), { ...rest, bytes: 5 });
  });

  it('makes assets that cannot be changed', () => {
    assert.ok(Object.isFrozen(client.asset(ref)));
  });

  it('makes assets that cannot be converted to text, but to JSON', () => {
    assert.throws(() => `${cat}`, /Call asset\.url\(\)/);
    assert.throws(() => `${String(cat)}?`, /Call asset\.url\(\)/);
    assert.deepEqual(JSON.parse(JSON.stringify({ cat })), { cat: ref });
    assert.deepEqual({ ...cat }, ref);
  });
});

describe('dangerouslyBuildUrl()', () => {
  it('has no version', () => {
    assert.equal(
      dangerouslyBuildUrl(place, 'cat.jpg', { width: 300, crop: 'fill' }),
      'http://localhost:3000/demo/image/upload/c_fill,w_300/cat.jpg',
    );
  });

  it('takes a public ID without an extension, and a format instead of one', () => {
    assert.equal(dangerouslyBuildUrl(place, 'cat'), 'http://localhost:3000/demo/image/upload/cat');
    assert.match(dangerouslyBuildUrl(place, 'pets/cat.jpg', { format: 'webp' }), /upload\/v1\/pets\/cat\.webp$/);
  });

  it('writes v1 before folders, which could be read as components', () => {
    const url = dangerouslyBuildUrl(place, 'a_team/cat', { width: 300 });
    assert.equal(url, 'http://localhost:3000/demo/image/upload/w_300/v1/a_team/cat');
  });

  it('takes the ID of a raw file unchanged', () => {
    const url = dangerouslyBuildUrl(place, 'a.csv', undefined, { resourceType: 'raw' });
    assert.equal(url, 'http://localhost:3000/demo/raw/upload/a.csv');
  });

  it('refuses a wrong public ID', () => {
    for (const publicId of ['', '../cat', 'cat?', 'a//b', '\ud800']) {
      assert.throws(() => dangerouslyBuildUrl(place, publicId), { code: 'invalid_asset_ref', message: /^publicId is/ });
    }
  });

  it('warns once per client, with the alternatives', () => {
    const warnings: string[] = [];
    const client = createClient({ ...place, warn: (message) => warnings.push(message) });
    client.dangerouslyBuildUrl('cat');
    client.dangerouslyBuildUrl('dog');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /"cat" has no version.*client\.find\(\)/);
  });
});

describe('createClient()', () => {
  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['a relative endpoint', { endpoint: '/api' }, /endpoint is "\/api".* Expected an absolute URL/],
    ['no endpoint', { endpoint: undefined }, /endpoint is "undefined"/],
    ['a page for an endpoint', { endpoint: 'http://localhost:3000/?page=1' }, /endpoint is .*\?page=1/],
    ['an endpoint with a password', { endpoint: 'http://me:secret@localhost' }, /Expected an absolute URL/],
    ['a delivery URL of another kind', { deliveryUrl: 'ftp://x' }, /deliveryUrl is "ftp:\/\/x"/],
    ['an empty cloud name', { cloudName: '' }, /cloudName is ""/],
    ['a path for a cloud name', { cloudName: 'a/b' }, /cloudName is "a\/b"/],
    ['a cloud name that leaves its place', { cloudName: '..' }, /cloudName is "\.\."/],
  ];
  for (const [name, change, message] of wrong) {
    it(`refuses ${name} at once`, () => {
      assert.throws(() => createClient({ ...place, ...change }), { name: 'TypeError', message });
    });
  }

  it('delivers from the delivery host of Cloudinary', () => {
    const delivered = (options: object) => createAsset(ref, { ...place, ...options }).url();
    const expected = 'https://res.cloudinary.com/demo/image/upload/v1795368841/cat.jpg';
    assert.equal(delivered({ endpoint: 'https://api.cloudinary.com' }), expected);
    assert.equal(delivered({ endpoint: new URL('https://api-eu.cloudinary.com/') }), expected);
    const own = 'https://api.cloudinary.com.example';
    assert.equal(delivered({ endpoint: own }), `${own}/demo/image/upload/v1795368841/cat.jpg`);
  });
});
