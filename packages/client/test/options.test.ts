import assert from 'node:assert/strict';
import { createClient, createUploader, isSafelightError, uploadAll } from '@safelight/client';
import { defineSafelightImg, heal } from '@safelight/client/image';
import { createLoader } from '@safelight/client/next';
import { fileFromPath } from '@safelight/client/node';
import { createProvider } from '@safelight/client/nuxt';
import { createTransformer } from '@safelight/client/unpic';
import { createAsset, dangerouslyBuildUrl, imgAttrs } from '@safelight/client/url';
import { why } from '@safelight/client/why';
import ky from 'ky';

const place = { endpoint: 'http://localhost:3000', cloudName: 'demo' };
const ref = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg', width: 2400, height: 1600 };
const cat = createAsset(ref, place);
const file = new Blob(['picture']);
// `heal()` checks only the node name before it checks the options.
const img = { nodeName: 'IMG' } as HTMLImageElement;

let sent = 0;
const client = createClient({
  ...place,
  ky: ky.create({
    fetch: async () => {
      sent += 1;
      return Response.json({});
    },
  }),
});

/** Calls like those of code without types. */
type Untyped = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const untyped = {
  createClient,
  createUploader,
  uploadAll,
  createAsset,
  dangerouslyBuildUrl,
  imgAttrs,
  heal,
  defineSafelightImg,
  createLoader,
  createProvider,
  createTransformer,
  why,
  fileFromPath,
} as unknown as Untyped;
const methods = client as unknown as Untyped;

type Mistake = readonly [what: string, call: () => unknown, code: string, message: string];

const notes = 'without password, query or fragment.';
const mistakes: readonly Mistake[] = [
  [
    'createClient() with a misspelt option',
    () => untyped['createClient']?.({ ...place, uploadpreset: 'quickstart' }),
    'TypeError',
    'createClient() has no option "uploadpreset". Did you mean uploadPreset?',
  ],
  [
    'createClient() without options',
    () => untyped['createClient']?.(),
    'TypeError',
    'createClient() takes an object, not undefined.',
  ],
  [
    'createClient() with a signature in place of a function that signs',
    () => untyped['createClient']?.({ ...place, sign: 'abc' }),
    'TypeError',
    'sign is "abc" (string). Expected a function.',
  ],
  [
    'createClient() without an endpoint',
    () => untyped['createClient']?.({ cloudName: 'demo' }),
    'TypeError',
    `endpoint is "undefined" (undefined). Expected an absolute URL such as http://localhost:3000, ${notes}`,
  ],
  [
    'createClient() with a wrong cloud name',
    () => untyped['createClient']?.({ ...place, cloudName: 'a b' }),
    'TypeError',
    'cloudName is "a b" (string). Expected letters, digits, "_", "-" and ".", such as demo.',
  ],
  [
    'createUploader() with an option that only createClient() has',
    () => untyped['createUploader']?.({ ...place, warn: console.warn }),
    'TypeError',
    'createUploader() has no option "warn". It has endpoint, deliveryUrl, cloudName, ky, headers, uploadPreset, sign, ' +
      'concurrency, chunkBytes, idempotency, clock, random.',
  ],
  [
    'createUploader() with text for a number',
    () => untyped['createUploader']?.({ ...place, idempotency: 'no' }),
    'TypeError',
    'idempotency is "no" (string). Expected true or false.',
  ],
  [
    'upload() with a misspelt option',
    () => methods['upload']?.(file, { publicID: 'cat' }),
    'TypeError',
    'upload() has no option "publicID". Did you mean publicId?',
  ],
  [
    'upload() with a misspelt resource type',
    () => methods['upload']?.(file, { resourceType: 'vidoe' }),
    'TypeError',
    'resourceType is "vidoe" (string). Expected image, video, raw or auto. Did you mean video?',
  ],
  [
    'upload() with text for tags',
    () => methods['upload']?.(file, { tags: 'a,b' }),
    'TypeError',
    'tags is "a,b" (string). Expected a list.',
  ],
  [
    'upload() with a time that is too long for a timer',
    () => methods['upload']?.(file, { stallTimeoutMs: Number.POSITIVE_INFINITY }),
    'TypeError',
    'stallTimeoutMs is "Infinity" (number). Expected a number of milliseconds, at most 1999999999.',
  ],
  [
    'upload() with a time as text',
    () => methods['upload']?.(file, { readyTimeoutMs: '1s' }),
    'TypeError',
    'readyTimeoutMs is "1s" (string). Expected a number of milliseconds, at most 1999999999.',
  ],
  [
    'upload() with a negative number of repeats',
    () => methods['upload']?.(file, { retries: -1 }),
    'TypeError',
    'retries is "-1" (number). Expected a whole number of at least 0.',
  ],
  [
    'upload() with text in place of options',
    () => methods['upload']?.(file, 'cat'),
    'TypeError',
    'upload() takes an object, not cat.',
  ],
  [
    'client.uploadAll() with a misspelt option',
    () => methods['uploadAll']?.([file], { tag: ['a'] }),
    'TypeError',
    'upload() has no option "tag". Did you mean tags?',
  ],
  [
    'uploadAll() with a misspelt option for the last file',
    () => uploadAll(client.upload, [file, file], (_body, index) => (index === 0 ? {} : { publicid: 'dog' }) as object),
    'TypeError',
    'upload() has no option "publicid". Did you mean publicId?',
  ],
  [
    'find() with a misspelt option',
    () => methods['find']?.('cat', { resourcetype: 'raw' }),
    'TypeError',
    'find() has no option "resourcetype". Did you mean resourceType?',
  ],
  [
    'find() with a misspelt resource type',
    () => methods['find']?.('cat', { resourceType: 'images' }),
    'invalid_asset_ref',
    'resourceType is "images" (string). Expected image, video or raw. Did you mean image?',
  ],
  [
    'find() without a public ID',
    () => methods['find']?.(),
    'invalid_asset_ref',
    'publicId is "undefined" (undefined). Expected a name such as pets/cat, without ?&#\\%<>+ and without an empty segment.',
  ],
  [
    'whenReady() with a misspelt option',
    () => methods['whenReady']?.('cat', { timeoutMS: 5 }),
    'TypeError',
    'whenReady() has no option "timeoutMS". Did you mean timeoutMs?',
  ],
  [
    'whenReady() with a time as text',
    () => methods['whenReady']?.('cat', { timeoutMs: '5m' }),
    'TypeError',
    'timeoutMs is "5m" (string). Expected a number of milliseconds.',
  ],
  [
    'whenReady() without a public ID',
    () => methods['whenReady']?.(''),
    'invalid_asset_ref',
    'publicId is "" (string). Expected a name such as pets/cat, without ?&#\\%<>+ and without an empty segment.',
  ],
  [
    'client.why() with a misspelt option',
    () => methods['why']?.('http://localhost:3000/demo/image/upload/cat.jpg', { timeout: 5 }),
    'TypeError',
    'why() has no option "timeout". Did you mean timeoutMs?',
  ],
  [
    'why() with a wrong endpoint',
    () => untyped['why']?.('http://localhost:3000/demo/image/upload/cat.jpg', { endpoint: 'localhost:3000' }),
    'TypeError',
    `endpoint is "localhost:3000" (string). Expected an absolute URL such as http://localhost:3000, ${notes}`,
  ],
  [
    'why() with headers that are not a function',
    () => untyped['why']?.('http://localhost:3000/demo/image/upload/cat.jpg', { headers: ['a'] }),
    'TypeError',
    'headers is "a" (array). Expected a function.',
  ],
  [
    'createAsset() with a misspelt option',
    () => untyped['createAsset']?.(ref, { ...place, deliveryURL: 'https://cdn.example' }),
    'TypeError',
    'createAsset() has no option "deliveryURL". Did you mean deliveryUrl?',
  ],
  [
    'createAsset() without a place',
    () => untyped['createAsset']?.(ref),
    'TypeError',
    'createAsset() takes an object, not undefined.',
  ],
  [
    'dangerouslyBuildUrl() with a misspelt option of the place',
    () => untyped['dangerouslyBuildUrl']?.({ ...place, cloud: 'demo' }, 'cat'),
    'TypeError',
    'The place of dangerouslyBuildUrl() has no option "cloud". It has endpoint, deliveryUrl, cloudName.',
  ],
  [
    'dangerouslyBuildUrl() with a misspelt option',
    () => untyped['dangerouslyBuildUrl']?.(place, 'cat', {}, { resourcetype: 'raw' }),
    'TypeError',
    'dangerouslyBuildUrl() has no option "resourcetype". Did you mean resourceType?',
  ],
  [
    'client.dangerouslyBuildUrl() with a misspelt option',
    () => methods['dangerouslyBuildUrl']?.('cat', {}, { type: 'raw' }),
    'TypeError',
    'dangerouslyBuildUrl() has no option "type". It has resourceType.',
  ],
  [
    'imgAttrs() with a misspelt option',
    () => untyped['imgAttrs']?.(cat, { width: 300, alt: '', size: '50vw' }),
    'invalid_transformation',
    'imgAttrs() has no option "size". Did you mean sizes?',
  ],
  [
    'imgAttrs() with a misspelt layout',
    () => untyped['imgAttrs']?.(cat, { width: 300, alt: '', layout: 'fullwidth' }),
    'invalid_transformation',
    'layout is "fullwidth" (string). Expected fixed, full-width or constrained. Did you mean full-width?',
  ],
  [
    'imgAttrs() without alt',
    () => untyped['imgAttrs']?.(cat, { width: 300 }),
    'invalid_transformation',
    'alt is "undefined" (undefined). Expected text, \'\' for decoration.',
  ],
  [
    'imgAttrs() with one width for a list',
    () => untyped['imgAttrs']?.(cat, { width: 300, alt: '', widths: 300 }),
    'invalid_transformation',
    'widths is "300" (number). Expected a list.',
  ],
  [
    'imgAttrs() with a misspelt crop',
    () => untyped['imgAttrs']?.(cat, { width: 300, alt: '', crop: 'pda' }),
    'invalid_transformation',
    'crop is "pda" (string). Expected scale, fit, limit, mfit, fill, lfill, fill_pad, pad, lpad, mpad, crop or thumb. Did you mean pad?',
  ],
  [
    'imgAttrs() of a URL',
    () => untyped['imgAttrs']?.(cat.url(), { width: 300, alt: '' }),
    'invalid_asset_ref',
    'imgAttrs() takes an asset, not a URL or a public ID.',
  ],
  [
    'heal() with a misspelt option',
    () => untyped['heal']?.(img, cat, { onstate: () => undefined }),
    'TypeError',
    'heal() has no option "onstate". Did you mean onState?',
  ],
  [
    'heal() with a misspelt placeholder',
    () => untyped['heal']?.(img, cat, { placeholder: 'non' }),
    'TypeError',
    'placeholder is "non" (string). Expected preview or none. Did you mean none?',
  ],
  [
    'heal() with attributes in place of what makes them',
    () => untyped['heal']?.(img, cat, { attrs: { src: 'cat.jpg' } }),
    'TypeError',
    'attrs is "[object Object]" (object). Expected a function.',
  ],
  ['heal() without an element', () => untyped['heal']?.(null, cat), 'TypeError', 'heal() takes an <img>, not null.'],
  [
    'defineSafelightImg() with a misspelt option',
    () => untyped['defineSafelightImg']?.({ ...place, deliveryurl: 'https://cdn.example' }),
    'TypeError',
    'defineSafelightImg() has no option "deliveryurl". Did you mean deliveryUrl?',
  ],
  [
    'defineSafelightImg() with a place that is none',
    () => untyped['defineSafelightImg']?.({ ...place, endpoint: '/api' }),
    'TypeError',
    `endpoint is "/api" (string). Expected an absolute URL such as http://localhost:3000, ${notes}`,
  ],
  ...(['createLoader', 'createProvider', 'createTransformer'] as const).flatMap((name): readonly Mistake[] => [
    [
      `${name}() with a misspelt option`,
      () => untyped[name]?.({ ...place, default: {} }),
      'TypeError',
      `${name}() has no option "default". Did you mean defaults?`,
    ],
    [
      `${name}() with a misspelt default`,
      () => untyped[name]?.({ ...place, defaults: { qualtiy: 80 } }),
      'invalid_transformation',
      'A transformation has no option "qualtiy". Did you mean quality?',
    ],
    [
      `${name}() with a default that is none`,
      () => untyped[name]?.({ ...place, defaults: { format: 'wepb' } }),
      'invalid_transformation',
      'format is "wepb" (string). Expected jpg, png, webp, avif, gif, tiff or auto. Did you mean webp?',
    ],
  ]),
  [
    'fileFromPath() without a path',
    () => untyped['fileFromPath']?.(),
    'invalid_body',
    'fileFromPath() takes a path or a file: URL, not undefined.',
  ],
];

describe('a mistake throws at the call:', () => {
  for (const [what, call, code, message] of mistakes) {
    it(what, async () => {
      // Some functions throw; functions that return promises reject.
      await assert.rejects(
        async () => call(),
        (error: Error) => {
          assert.equal(error.message, message);
          assert.equal(isSafelightError(error) ? error.code : error.name, code);
          return true;
        },
      );
    });
  }

  it('and no request has been sent', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(sent, 0);
  });

  it('upload() and uploadAll() throw at once', () => {
    assert.throws(() => methods['upload']?.(file, { publicID: 'cat' }), { name: 'TypeError' });
    assert.throws(() => methods['uploadAll']?.([file], { publicID: 'cat' }), { name: 'TypeError' });
  });
});

describe('undefined options', () => {
  it('count as absent', () => {
    const none = undefined as never;
    createClient({ ...place, deliveryUrl: none, ky: none, headers: none, sign: none, clock: none, warn: none });
    createUploader({ ...place, uploadPreset: none, concurrency: none, chunkBytes: none, idempotency: none });
    createLoader({ ...place, defaults: none });
    assert.equal(cat.url({ width: 300, crop: none }), cat.url({ width: 300 }));
    assert.deepEqual(imgAttrs(cat, { width: 300, alt: '', sizes: none }), imgAttrs(cat, { width: 300, alt: '' }));
  });
});

describe('in production, a mistake', () => {
  const before = process.env['NODE_ENV'];
  beforeEach(() => {
    process.env['NODE_ENV'] = 'production';
  });
  afterEach(() => {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  });

  it('throws as well, with a shorter message', () => {
    assert.throws(() => untyped['createAsset']?.(ref, { ...place, cloud: 'demo' }), {
      message: 'createAsset() has no option "cloud".',
    });
    assert.throws(() => cat.url({ width: 'x' as 'iw' }), {
      code: 'invalid_transformation',
      message: 'width is "x" (string).',
    });
    assert.throws(() => cat.url({ widht: 300 } as object), {
      code: 'invalid_transformation',
      message: 'A transformation has no option "widht".',
    });
  });
});
