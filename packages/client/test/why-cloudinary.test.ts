import assert from 'node:assert/strict';
import { formatDiagnosis, type WhyOptions, why } from '@safelight/client/why';
import { type Delivery, formatDeliveryPath, parseDeliveryPath } from '@safelight/protocol';
import fc from 'fast-check';
import { publicIds, transformations } from '../../protocol/test/arbitraries.ts';
import { adminCredentials, type StandIn, startStandIn } from './cloudinary-stand-in.ts';

const path = '/demo/image/upload/c_fill,w_300/cat.jpg';
const sibling = '/demo/image/upload/c_fill,w_300/a_0/cat.jpg';
const aDay = 86_400_000;

describe('why() of a Cloudinary URL', () => {
  let cloudinary: StandIn;
  beforeEach(async () => {
    cloudinary = await startStandIn();
  });
  afterEach(() => cloudinary.close());

  const ask = (url: string, options: WhyOptions = {}) => why(cloudinary.origin + url, { cloudinary: true, ...options });
  const failEarly = async (url: string) => {
    assert.equal((await fetch(cloudinary.origin + url)).status, 404);
    cloudinary.requests.length = 0;
  };

  it('finds a cached error by one HEAD for the sibling, and never requests the URL itself', async () => {
    await failEarly(path);
    cloudinary.upload('cat', 1795368841);
    const { verdict, status, cached, remainingMs, maxMs, original, warnings, fixes } = await ask(path);
    assert.deepEqual(cloudinary.deliveries(), [`HEAD ${sibling}`]);
    assert.deepEqual([verdict, status, cached, remainingMs, maxMs], ['cached_error', null, true, null, aDay]);
    assert.deepEqual(original, { exists: true });
    assert.match(String(warnings), /a_0\/cat\.jpg was requested in its place\. Cloudinary may count it/);
    assert.match(JSON.stringify(fixes), /version from the response of the upload.*invalidate=true.*Wait/);
  });

  it('has limits and unknown values in its text', async () => {
    await failEarly(path);
    cloudinary.upload('cat', 1795368841);
    const text = formatDiagnosis(await ask(path));
    assert.match(text, /^ heals {5}unknown, in at most 24 h$/m);
    assert.match(text, /^ where {5}browser unknown \| edge unknown \| server unknown$/m);
    assert.match(text, /^ evidence {2}HEAD http:\S+a_0\/cat\.jpg: 200, edge miss \| request f00d$/m);
  });

  it('caches the diagnosis for a minute, also for calls at the same time', async () => {
    await failEarly(path);
    let time = 1_000_000;
    const clock = () => time;
    const [one, other] = await Promise.all([ask(path, { clock }), ask(path, { clock })]);
    assert.deepEqual([one.verdict, other.verdict], ['missing_original', 'missing_original']);
    cloudinary.upload('cat', 1795368841);
    time += 59_999;
    const repeated = await ask(path, { clock });
    assert.equal(repeated.verdict, 'missing_original');
    assert.match(String(repeated.warnings?.at(-1)), /is 60 s old/);
    assert.equal(cloudinary.requests.length, 1);
    time += 1;
    cloudinary.pass(61);
    assert.equal((await ask(path, { clock })).verdict, 'cached_error');
    assert.equal(cloudinary.requests.length, 2);
  });

  it('does not take a cached error of the sibling for a fresh one', async () => {
    await failEarly(path);
    assert.deepEqual((await ask(path)).original, { exists: false });
    cloudinary.pass(40);
    const later = await ask(path, { clock: () => Date.now() + 70_000 });
    assert.deepEqual(later.original, { exists: null });
    assert.match(String(later.warnings), /came from a cache and may be out of date/);
  });

  const responses: readonly (readonly [status: number, error: string | undefined, verdict: string])[] = [
    [200, 'Resource not found - cat', 'placeholder'],
    [400, 'Unknown transformation big', 'bad_transformation'],
    [400, 'Video is too large to process synchronously, please use an eager transformation', 'too_large'],
    [401, 'deny or ACL failure', 'forbidden'],
    [404, undefined, 'missing_original'],
    [404, 'Error in loading - https://h.example/x.jpg', 'unknown'],
    [420, undefined, 'processing'],
    [423, undefined, 'processing'],
    [429, undefined, 'unknown'],
    [503, undefined, 'unknown'],
  ];
  for (const [status, error, verdict] of responses) {
    it(`explains ${status} ${error ?? 'without a message'} as ${verdict}`, async () => {
      cloudinary.respond(sibling, status, error === undefined ? {} : { 'x-cld-error': error });
      const told = await ask(path);
      assert.equal(told.verdict, verdict);
      assert.match(String(told.summary), new RegExp(String(status)));
      if (error !== undefined) assert.ok(told.summary?.includes(error));
      assert.deepEqual(cloudinary.deliveries(), [`HEAD ${sibling}`]);
    });
  }

  it('marks the value that Cloudinary refuses', async () => {
    const { verdict, mistake } = await ask('/demo/image/upload/c_fill,w_abc/cat.jpg');
    assert.equal(verdict, 'bad_transformation');
    assert.deepEqual(mistake, { text: 'c_fill,w_abc', at: 7, piece: 'w_abc' });
  });

  it('requests the URL itself only with probe, and warns of the effect', async () => {
    await failEarly(path);
    cloudinary.upload('cat', 1795368841);
    cloudinary.pass(45);
    const { verdict, status, maxMs, layers, evidence, warnings } = await ask(path, { probe: true });
    assert.deepEqual(cloudinary.deliveries(), [`HEAD ${path}`, `HEAD ${sibling}`]);
    assert.deepEqual([verdict, status, maxMs], ['cached_error', 404, aDay - 45_000]);
    assert.deepEqual(layers[1], { name: 'edge', state: 'hit', remainingMs: null, maxMs: aDay - 45_000 });
    assert.match(String(evidence['the URL itself']), /^404, X-Cld-Error: Resource not found - cat, Age: 45, edge hit$/);
    assert.match(String(warnings?.[0]), /next period has begun, which may be twice as long/);
  });

  it('finds by Age that an error is not in its first period', async () => {
    cloudinary.respond(path, 404, { 'x-cld-error': 'Resource not found - cat', age: '75' });
    const { evidence } = await ask(path, { probe: true });
    assert.match(String(evidence['the URL itself']), /Age: 75, so it is not in its first period/);
  });

  it('sends no other request when the probed URL delivers the picture', async () => {
    cloudinary.upload('cat', 1795368841);
    const { verdict, status } = await ask(path, { probe: true });
    assert.deepEqual([verdict, status], ['ok', 200]);
    assert.deepEqual(cloudinary.deliveries(), [`HEAD ${path}`]);
  });

  describe('with credentials', () => {
    const admin = () => ({ ...adminCredentials, apiUrl: cloudinary.origin });

    it('needs only the Admin API when the original does not exist', async () => {
      await failEarly('/demo/image/upload/w_5/folder/my%20cat.jpg');
      const { verdict, original } = await ask('/demo/image/upload/w_5/folder/my%20cat.jpg', admin());
      assert.equal(verdict, 'missing_original');
      assert.deepEqual(original, { exists: false });
      assert.deepEqual(
        cloudinary.requests.map(({ method, url }) => `${method} ${url}`),
        ['GET /v1_1/demo/resources/image/upload/folder%2Fmy%20cat'],
      );
    });

    it('requests no picture that was derived before, and returns the URL with the right version', async () => {
      await failEarly(path);
      cloudinary.upload('cat', 1795368841, ['c_fill,w_300']);
      const { verdict, original, fixes } = await ask(path, admin());
      assert.equal(verdict, 'cached_error');
      assert.deepEqual(original, { exists: true, version: 1795368841, format: 'jpg', width: 864, height: 576 });
      const { pathname } = new URL(String(fixes[0]?.url));
      assert.equal(pathname, '/demo/image/upload/c_fill,w_300/v1795368841/cat.jpg');
      assert.deepEqual(cloudinary.deliveries(), []);
      assert.equal((await fetch(String(fixes[0]?.url))).status, 200);
    });

    it('prefers the Admin API to a cached error of the sibling', async () => {
      await failEarly(path);
      await failEarly(sibling);
      cloudinary.upload('cat', 1795368841);
      const { verdict, original } = await ask(path, admin());
      assert.deepEqual([verdict, original.exists], ['cached_error', true]);
    });

    it('requests the sibling when the transformation may be wrong', async () => {
      cloudinary.upload('cat', 1795368841);
      assert.equal((await ask('/demo/image/upload/w_abc/cat.jpg', admin())).verdict, 'bad_transformation');
      assert.deepEqual(cloudinary.deliveries(), ['HEAD /demo/image/upload/w_abc/a_0/cat.jpg']);
    });

    it('reports a wrong key or secret, continues without them, and never shows them', async () => {
      await failEarly(path);
      const told = await ask(path, { ...admin(), apiSecret: 'wrong-secret' });
      assert.equal(told.verdict, 'missing_original');
      assert.match(String(told.warnings?.[0]), /did not tell .* \(401: key and secret are not those of this cloud\)/);
      assert.doesNotMatch(JSON.stringify(told) + formatDiagnosis(told), /wrong-secret|admin-key/);
      assert.deepEqual(
        cloudinary.requests.map(({ authorization }) => authorization !== undefined),
        [true, false],
      );
    });

    it('does not send a key to another cloud', async () => {
      await failEarly(path);
      const told = await ask(path, { ...admin(), cloudName: 'mine' });
      assert.match(String(told.warnings?.[0]), /key is for the cloud mine, not for demo/);
      assert.deepEqual(
        cloudinary.requests.map(({ authorization }) => authorization),
        [undefined],
      );
    });

    it('throws when only one of apiKey and apiSecret is given', async () => {
      await assert.rejects(ask(path, { apiKey: 'k' }), { name: 'TypeError', message: /apiKey without apiSecret/ });
    });
  });

  describe('the sibling', () => {
    const rows: readonly (readonly [url: string, other: string])[] = [
      ['image/upload/cat', 'image/upload/a_0/cat'],
      ['image/upload/my_folder/cat.jpg?_a=1', 'image/upload/a_0/my_folder/cat.jpg?_a=1'],
      ['image/upload/w_1/l_a:b,g_north/folder/cat', 'image/upload/w_1/l_a:b,g_north/a_0/folder/cat'],
      ['image/upload/$x_1/if_w_gt_1/t_a/v12/a/b.c.jpg', 'image/upload/$x_1/if_w_gt_1/t_a/a_0/v12/a/b.c.jpg'],
      ['image/upload/a%2Cb_c/cat.jpg', 'image/upload/a_0/a%2Cb_c/cat.jpg'],
      ['images/w_1/cat/seo-name.jpg', 'images/w_1/a_0/cat/seo-name.jpg'],
      ['images/upload/cat/seo-name', 'images/upload/a_0/cat/seo-name'],
      ['image/upload/s--5NGylTZs--/sample.jpg', 'image/upload/s--5NGylTZs--/v1/sample.jpg'],
      ['image/authenticated/s---qyj5c7z--/w_1/v1/cat.jpg', 'image/authenticated/s---qyj5c7z--/w_1/v2/cat.jpg'],
      ['image/upload/s--5NGylTZs--/w_1/v12/cat.jpg', 'image/upload/s--5NGylTZs--/w_1/v11/cat.jpg'],
      ['video/upload/w_1/v12/dog.mp4', 'video/upload/w_1/v11/dog.mp4'],
      ['raw/upload/v1/a.txt', 'raw/upload/v2/a.txt'],
    ];
    for (const [url, other] of rows) {
      it(`of ${url} is ${other}`, async () => {
        await ask(`/demo/${url}`);
        assert.deepEqual(cloudinary.deliveries(), [`HEAD /demo/${other}`]);
      });
    }

    it('does not need the cloud in the path', async () => {
      await ask('/image/upload/w_1/cat.jpg');
      assert.deepEqual(cloudinary.deliveries(), ['HEAD /image/upload/w_1/a_0/cat.jpg']);
    });

    it('does not exist for a URL without an uploaded file', async () => {
      for (const url of [
        'image/fetch/w_1/https://h.example/x.jpg',
        'image/twitter/cat.jpg',
        'cat.jpg',
        'image/upload/',
      ]) {
        const { verdict, summary } = await ask(`/demo/${url}`);
        assert.equal(verdict, 'unknown', url);
        assert.match(String(summary), /not a URL of an uploaded image/);
      }
      assert.deepEqual(cloudinary.requests, []);
    });

    it('is the same picture under another path, for any delivery', async () => {
      const deliveries = fc.record({
        publicId: publicIds,
        transformation: transformations,
        version: fc.option(fc.integer({ min: 2, max: 2_000_000_000 }), { nil: undefined }),
        extension: fc.constantFrom('jpg', 'png', undefined),
      });
      let time = 0;
      await fc.assert(
        fc.asyncProperty(deliveries, async (parts) => {
          const delivery: Delivery = { cloudName: 'demo', resourceType: 'image', placeholder: undefined, ...parts };
          const asked = formatDeliveryPath(delivery);
          cloudinary.requests.length = 0;
          // No diagnosis of an earlier run is used.
          await ask(asked, { clock: () => time });
          time += 60_000;
          const { pathname } = new URL(cloudinary.requests[0]?.url ?? '', cloudinary.origin);
          assert.notEqual(pathname, asked);
          assert.ok(pathname.includes('/a_0/'));
          const read = (text: string) => {
            const parsed = parseDeliveryPath(text);
            assert.ok(parsed.ok, text);
            return parsed.delivery;
          };
          // Safelight removes the component that changes nothing, so both are one delivery.
          assert.deepEqual(read(pathname), read(asked));
        }),
        { numRuns: 150 },
      );
    });
  });

  it('is network when there is no response, and sends a new request at the next call', async () => {
    const { origin } = cloudinary;
    await cloudinary.close();
    assert.equal((await why(origin + path, { cloudinary: true })).verdict, 'network');
    cloudinary = await startStandIn();
  });

  it('an abort ends only its own call; other calls get the diagnosis', async () => {
    const controller = new AbortController();
    const left = ask(path, { signal: controller.signal });
    const stayed = ask(path);
    controller.abort('left');
    await assert.rejects(left, (reason) => reason === 'left');
    assert.equal((await stayed).verdict, 'missing_original');
    assert.equal(cloudinary.requests.length, 1);
  });
});
