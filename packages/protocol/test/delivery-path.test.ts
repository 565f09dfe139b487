import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  canonicalTransformation,
  type Delivery,
  type DeliverySignature,
  deliveryStringToSign,
  formatDeliveryPath,
  parseDeliveryPath,
  publicIdProblem,
} from '@safelight/protocol';
import fc from 'fast-check';
import { publicIds, transformations } from './arbitraries.ts';

const plain: Delivery = {
  cloudName: 'demo',
  resourceType: 'image',
  publicId: 'cat',
  transformation: [],
  version: undefined,
  extension: undefined,
  placeholder: undefined,
};

function read(path: string): Delivery {
  const parsed = parseDeliveryPath(path);
  assert.ok(parsed.ok, `${path}: ${parsed.ok ? '' : parsed.message}`);
  return parsed.delivery;
}

function readSignature(path: string): DeliverySignature {
  const parsed = parseDeliveryPath(path);
  assert.ok(parsed.ok && parsed.signature !== undefined, path);
  return parsed.signature;
}

function sign(text: string, algorithm: 'sha1' | 'sha256', length: number): string {
  return createHash(algorithm).update(`${text}safelight-secret`).digest('base64url').slice(0, length);
}

describe('parseDeliveryPath', () => {
  const jpg = { ...plain, extension: 'jpg' };
  const w300 = [{ width: 300, crop: 'scale' as const }];
  const paths: readonly (readonly [path: string, delivery: Delivery])[] = [
    ['/demo/image/upload/cat', plain],
    ['/demo/image/upload/cat.jpg', jpg],
    ['/demo/image/upload/cat.JPG?_a=BAMAK+x', jpg],
    ['/demo/image/upload/v1/cat.jpg', jpg],
    ['/demo/image/upload/v0/cat.jpg', jpg],
    ['/demo/image/upload/v1719307544/cat.jpg', { ...jpg, version: 1_719_307_544 }],
    ['/demo/image/upload/w_300/cat.jpg', { ...jpg, transformation: w300 }],
    ['/demo/image/upload//w_300//cat.jpg', { ...jpg, transformation: w300 }],
    ['/demo/image/upload/a_0/cat.jpg', jpg],
    [
      '/demo/image/upload/w_300/v12/animals/cat.jpg',
      { ...jpg, publicId: 'animals/cat', transformation: w300, version: 12 },
    ],
    ['/demo/image/upload/animals/cat.jpg', { ...jpg, publicId: 'animals/cat' }],
    ['/demo/image/upload/my_folder/cat.jpg', { ...jpg, publicId: 'my_folder/cat' }],
    ['/demo/image/upload/v1/w_300/cat.jpg', { ...jpg, publicId: 'w_300/cat' }],
    ['/demo/image/upload/animals/w_300/cat.jpg', { ...jpg, publicId: 'animals/w_300/cat' }],
    ['/demo/image/upload/w_300', { ...plain, publicId: 'w_300' }],
    ['/demo/image/upload/v12', { ...plain, publicId: 'v12' }],
    ['/demo/image/upload/v12/v13/cat', { ...plain, version: 12, publicId: 'v13/cat' }],
    ['/demo/image/upload/v1234567890123456/cat', { ...plain, publicId: 'v1234567890123456/cat' }],
    ['/demo/image/upload/a%20b/%C3%A9.x.jpg', { ...jpg, publicId: 'a b/é.x' }],
    ['/demo/image/upload/Mr.%20Cat', { ...plain, publicId: 'Mr. Cat' }],
    ['/demo/image/upload/.hidden', { ...plain, publicId: '.hidden' }],
    ['/demo/image/upload/cat.jpg.', { ...plain, publicId: 'cat.jpg' }],
    ['/demo/raw/upload/docs/a.b.pdf', { ...plain, resourceType: 'raw', publicId: 'docs/a.b.pdf' }],
    [
      '/demo/video/upload/w_300/clip.mp4',
      { ...plain, resourceType: 'video', publicId: 'clip', extension: 'mp4', transformation: w300 },
    ],
    ['/demo/image/upload/d_icons:no.png/cat', { ...plain, placeholder: 'icons/no.png' }],
  ];
  for (const [path, delivery] of paths) {
    it(`reads ${path}`, () => assert.deepEqual(read(path), delivery));
  }

  const refusals: readonly (readonly [path: string, code: string, message: RegExp])[] = [
    ['', 'invalid_url', /begins with/],
    ['/', 'invalid_url', /begins with/],
    ['cat.jpg', 'invalid_url', /begins with/],
    ['/demo', 'invalid_url', /resource type ""/],
    ['/demo/pictures/upload/cat.jpg', 'invalid_url', /resource type "pictures" is unknown/],
    ['/demo/images/cat/cat.jpg', 'not_offered', /resource type "images" is not offered/],
    ['/demo/image/stolen/cat.jpg', 'invalid_url', /delivery type "stolen" is unknown/],
    ['/demo/image/fetch/https://x.example/a.jpg', 'not_offered', /delivery type "fetch" is not offered/],
    ['/demo/image/authenticated/s--5NGylTZs--/cat.jpg', 'not_offered', /not offered/],
    ['/demo/image/upload', 'invalid_public_id', /empty/],
    ['/demo/image/upload/', 'invalid_public_id', /empty/],
    ['/demo/image/upload/w_300/', 'invalid_public_id', /ends with/],
    ['/demo/image/upload/cat/', 'invalid_public_id', /ends with/],
    ['/demo/image/upload/..', 'invalid_public_id', /"\.\."/],
    ['/demo/image/upload/../cat', 'invalid_public_id', /"\.\."/],
    ['/demo/image/upload/%2e%2e/cat', 'invalid_public_id', /"\.\."/],
    ['/demo/image/upload/..%2f..%2fetc', 'invalid_public_id', /"\.\."/],
    ['/demo/image/upload/v1/a%2F', 'invalid_public_id', /"\/"/],
    ['/demo/image/upload/a%5Cb', 'invalid_public_id', /contains "\\"/],
    ['/demo/image/upload/a%00b', 'invalid_public_id', /control characters/],
    ['/demo/image/upload/a%0D%0Ab', 'invalid_public_id', /control characters/],
    ['/demo/image/upload/a%3Fb', 'invalid_public_id', /contains "\?"/],
    ['/demo/image/upload/a+b', 'invalid_public_id', /contains "\+"/],
    ['/demo/image/upload/a%2525b', 'invalid_public_id', /contains "%"/],
    ['/demo/image/upload/%ZZ', 'invalid_public_id', /malformed/],
    ['/demo/image/upload/%ED%A0%80', 'invalid_public_id', /malformed/],
    ['/demo/image/upload/%20cat', 'invalid_public_id', /space/],
    [`/demo/image/upload/${'a'.repeat(256)}`, 'invalid_public_id', /too long/],
    [`/demo/image/upload/${'a'.repeat(2048)}`, 'uri_too_long', /2048 bytes/],
    [`/demo/image/upload/${'é'.repeat(1020)}`, 'uri_too_long', /2048 bytes/],
    ['/demo/image/upload/w_abc/cat.jpg', 'bad_transformation', /^Invalid width in transformation: abc$/],
    ['/demo/image/upload/ab_cd/v1/cat.jpg', 'bad_transformation', /Unknown parameter in transformation: ab_cd/],
    ['/demo/image/upload/l_logo/cat.jpg', 'not_offered', /Parameter l_/],
  ];
  for (const [path, code, message] of refusals) {
    it(`refuses ${path.slice(0, 60)}`, () => {
      const parsed = parseDeliveryPath(path);
      assert.ok(!parsed.ok);
      assert.equal(parsed.code, code);
      assert.match(parsed.message, message);
    });
  }

  it('suggests v1/ for a folder that looks like a component', () => {
    const parsed = parseDeliveryPath('/demo/image/upload/a_team/cat.jpg');
    assert.ok(!parsed.ok);
    assert.equal(parsed.hint, 'If "a_team" is a folder, write v1/ before the public ID.');
  });

  it('applies the given limits', () => {
    assert.ok(parseDeliveryPath(`/demo/image/upload/${'a'.repeat(300)}`, { maxPublicIdLength: 300 }).ok);
    assert.ok(!parseDeliveryPath('/demo/image/upload/cat', { maxBytes: 10 }).ok);
  });

  it('counts a character outside the BMP as one', () => {
    assert.equal(publicIdProblem('🐈'.repeat(255)), undefined);
    assert.match(publicIdProblem('🐈'.repeat(256)) ?? '', /too long/);
  });

  it('never throws, and reads its own path as the same delivery', () => {
    const pieces = fc.constantFrom(
      '/',
      '/demo/image/upload/',
      'v1',
      'w_300',
      '%',
      '%2F',
      '.',
      's--5NGylTZs--',
      '?',
      ',',
      '\ud800',
      'd_',
      'a',
    );
    const strings = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))).map((all) => `/demo/image/upload/${all.join('')}`),
    );
    fc.assert(
      fc.property(strings, (path) => {
        const parsed = parseDeliveryPath(path);
        if (parsed.ok) assert.deepEqual(read(formatDeliveryPath(parsed.delivery)), parsed.delivery);
      }),
    );
  });
});

describe('formatDeliveryPath', () => {
  const written: readonly (readonly [delivery: Delivery, path: string])[] = [
    [plain, '/demo/image/upload/cat'],
    [
      { ...plain, version: 1_795_368_841, extension: 'jpg', transformation: [{ width: 300, crop: 'fill' }] },
      '/demo/image/upload/c_fill,w_300/v1795368841/cat.jpg',
    ],
    [{ ...plain, publicId: 'v12/cat' }, '/demo/image/upload/v1/v12/cat'],
    [{ ...plain, publicId: 'cats/v12/cat' }, '/demo/image/upload/v1/cats/v12/cat'],
    [{ ...plain, publicId: 'a_team/cat' }, '/demo/image/upload/v1/a_team/cat'],
    [{ ...plain, publicId: 's--5NGylTZs--/cat' }, '/demo/image/upload/v1/s--5NGylTZs--/cat'],
    [{ ...plain, publicId: 'cats/cat' }, '/demo/image/upload/cats/cat'],
    [{ ...plain, publicId: 'cat.jpg' }, '/demo/image/upload/cat.jpg.'],
    [{ ...plain, publicId: 'cat.jpg', resourceType: 'raw' }, '/demo/raw/upload/cat.jpg'],
    [
      { ...plain, publicId: 'a b/é:x', placeholder: 'icons/no, cat.png' },
      '/demo/image/upload/d_icons:no%252C%20cat.png/a%20b/%C3%A9:x',
    ],
  ];
  for (const [delivery, path] of written) {
    it(`writes ${path}`, () => {
      assert.equal(formatDeliveryPath(delivery), path);
      assert.deepEqual(read(path), delivery);
    });
  }

  it('writes a path that is read as the same delivery', () => {
    const deliveries: fc.Arbitrary<Delivery> = fc
      .record({
        cloudName: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/),
        resourceType: fc.constantFrom('image' as const, 'video' as const, 'raw' as const),
        publicId: publicIds,
        transformation: transformations.map(canonicalTransformation),
        version: fc.option(fc.integer({ min: 2, max: 4_000_000_000 }), { nil: undefined }),
        extension: fc.option(fc.constantFrom('jpg', 'jpeg', 'webp', 'tif', 'svg'), { nil: undefined }),
        placeholder: fc.option(
          publicIds.filter((publicId) => !publicId.includes(':')),
          { nil: undefined },
        ),
      })
      .map((delivery) => (delivery.resourceType === 'raw' ? { ...delivery, extension: undefined } : { ...delivery }));
    fc.assert(
      fc.property(deliveries, (delivery) => {
        const parsed = parseDeliveryPath(formatDeliveryPath(delivery), { maxBytes: 100_000 });
        assert.ok(parsed.ok);
        assert.deepEqual(parsed.delivery, delivery);
        assert.equal(parsed.signature, undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses parts that are not valid', () => {
    assert.throws(() => formatDeliveryPath({ ...plain, publicId: '../cat' }), /Invalid public ID "\.\.\/cat"/);
    assert.throws(() => formatDeliveryPath({ ...plain, publicId: '\ud800' }), TypeError);
    assert.throws(() => formatDeliveryPath({ ...plain, cloudName: 'a/b' }), /Invalid cloud name "a\/b"\. Use letters/);
    assert.throws(() => formatDeliveryPath({ ...plain, extension: 'j/g' }), /Invalid extension/);
  });
});

// The signatures come from Cloudinary's Node SDK, with the secret `safelight-secret`.
describe('delivery signatures', () => {
  const vectors: readonly (readonly [path: string, algorithm: 'sha1' | 'sha256', length: number])[] = [
    ['/demo/image/upload/s--5NGylTZs--/sample.jpg', 'sha1', 8],
    ['/demo/image/upload/s--b_6bTaJe--/c_fill,h_200,w_300/q_auto/v1719307544/folder/cat.jpg', 'sha1', 8],
    ['/demo/image/upload/s--b_6bTaJe--/c_fill,h_200,w_300/q_auto/v1/folder/cat.jpg', 'sha1', 8],
    [
      '/demo/image/upload/s--kshNlEyy33aFd6uPz02w8JhYzchBqGPM--/c_fill,h_200,w_300/q_auto/v1/folder/cat.jpg',
      'sha256',
      32,
    ],
    ['/demo/image/upload/s--kshNlEyy--/c_fill,h_200,w_300/q_auto/v1/folder/cat.jpg', 'sha256', 8],
    ['/demo/image/upload/s---qyj5c7z--/v1/a%20b/%C3%A9.x.jpg', 'sha1', 8],
    ['/demo/image/upload/s--M0c1kIMv--/v1/a%20b/%C3%A9.x.jpg', 'sha1', 8],
    ['/demo/image/upload/s---h8Jwxce--/c_scale,w_100/abc1def2.jpg', 'sha1', 8],
  ];
  for (const [path, algorithm, length] of vectors) {
    it(`accepts the signature of ${path}`, () => {
      const { text, payloads } = readSignature(path);
      assert.ok(payloads.some((payload) => sign(payload, algorithm, length) === text));
    });
  }

  it('does not accept the signature for another picture', () => {
    const { text, payloads } = readSignature('/demo/image/upload/s--5NGylTZs--/other.jpg');
    assert.ok(!payloads.some((payload) => sign(payload, 'sha1', 8) === text));
  });

  it('signs the path that it writes', () => {
    const delivery: Delivery = { ...plain, publicId: 'a b/é.x', extension: 'jpg', version: 12 };
    const signature = sign(deliveryStringToSign(delivery), 'sha1', 8);
    const path = formatDeliveryPath(delivery, { signature });
    assert.equal(path, '/demo/image/upload/s---qyj5c7z--/v12/a%20b/%C3%A9.x.jpg');
    assert.ok(readSignature(path).payloads.includes(deliveryStringToSign(delivery)));
    assert.deepEqual(read(path), delivery);
  });
});
