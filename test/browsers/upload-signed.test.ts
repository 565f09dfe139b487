import assert from 'node:assert/strict';
import { signUpload } from '@safelight/client/sign';
import { inBrowsers } from './in-browsers.ts';
import { apiKey, apiSecret, drawPicture, type Site, startSite } from './site.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { openUploadPage } from './upload-page.ts';

inBrowsers('an upload that is signed by a route of the site', (browser) => {
  let site: Site;
  let link: SlowLink;
  let carried: Buffer[] = [];
  before(async () => {
    const { bytes } = await drawPicture();
    site = await startSite({
      cloud: { uploadPresets: [] },
      routes(app) {
        app.get('/small.png', (_req, res) => void res.type('png').send(bytes));
        const sign = signUpload({
          apiKey,
          apiSecret,
          allow: {
            publicId: ['cat'],
            overwrite: true,
            tags: ['pet', 'two words & more'],
            eager: [{ width: 90, height: 60, crop: 'fill' }],
          },
        });
        app.post('/sign', sign.express);
      },
    });
    link = await startSlowLink(site.origin, (chunk) => carried.push(chunk));
  });
  after(async () => {
    await link.close();
    await site.close();
  });

  it('may choose ID, tags, overwriting and eager derivations; the page never gets the secret', async () => {
    carried = [];
    await site.put('cat', { colour: 'blue' });
    const page = await openUploadPage(browser, link);
    const result = await page.evaluate(async () => {
      let signings = 0;
      sender.options = {
        uploadPreset: undefined as never,
        sign: (parameters) => {
          signings++;
          return safelight.signAt('/sign')(parameters);
        },
      };
      await sender.load('/small.png');
      sender.start({
        publicId: 'cat',
        overwrite: true,
        tags: ['pet', 'two words & more'],
        eager: [{ width: 90, height: 60, crop: 'fill' }],
      });
      const outcome = await sender.outcome();
      const image = new Image();
      image.src = (await sender.task).url({ width: 90, height: 60, crop: 'fill' });
      await image.decode();
      return { outcome, signings, width: image.naturalWidth };
    });
    assert.ok('url' in result.outcome, JSON.stringify(result.outcome));
    assert.deepEqual([result.outcome.publicId, result.width, result.signings], ['cat', 90, 1]);
    const [first, second, ...others] = site.published.filter(({ publicId }) => publicId === 'cat').slice(-2);
    assert.equal(others.length, 0);
    assert.ok((second?.version ?? 0) > (first?.version ?? 0));
    assert.deepEqual(second?.tags, ['pet', 'two words & more']);

    const wire = Buffer.concat(carried).toString('latin1');
    assert.ok(wire.includes('name="signature"') && wire.includes(apiKey), 'the wire is what was looked at');
    assert.ok(!wire.includes(apiSecret));
  });

  it('is refused by the route, with its message, before the file is sent', async () => {
    const from = site.requests.length;
    const page = await openUploadPage(browser, link);
    const outcome = await page.evaluate(async () => {
      sender.options = { uploadPreset: undefined as never, sign: safelight.signAt('/sign') };
      await sender.load('/small.png');
      sender.start({ publicId: 'dog', overwrite: true });
      return sender.outcome();
    });
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.deepEqual([outcome.code, outcome.status], ['rejected', 403]);
    assert.match(
      outcome.message,
      /Parameter public_id is "dog", which allow\.publicId of signUpload\(\) does not allow\./,
    );
    assert.deepEqual(
      site.requests.slice(from).flatMap(({ method, url }) => (method === 'POST' ? [url] : [])),
      ['/sign'],
    );
  });

  it('gives no signature to a page of another origin', async () => {
    const from = site.requests.length;
    const page = await openUploadPage(browser, { origin: site.otherOrigin });
    const reached = await page.evaluate(async (target) => {
      const body = JSON.stringify({});
      // A form can send this, and so can a script without a permission of CORS.
      await fetch(target, { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body });
      const headers = { 'content-type': 'application/json' };
      return fetch(target, { method: 'POST', headers, body }).then(
        () => true,
        () => false,
      );
    }, `${site.origin}/sign`);
    assert.equal(reached, false);
    const calls = site.requests.slice(from).filter(({ url }) => url === '/sign');
    // Express responds to the preflight, without the headers that would give the permission.
    assert.deepEqual(
      calls.map(({ method, status }) => [method, status]),
      [
        ['POST', 415],
        ['OPTIONS', 200],
      ],
    );
  });

  it('is refused before the file is stored when the site allows no unsigned uploads', async () => {
    const before = site.published.length;
    const page = await openUploadPage(browser, link);
    const outcome = await page.evaluate(async () => {
      await sender.load('/small.png');
      sender.start();
      return sender.outcome();
    });
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.deepEqual([outcome.code, outcome.status], ['rejected', 400]);
    assert.equal(site.published.length, before);
  });

  it('fails with the unchanged error of a broken signing route', async () => {
    const from = site.requests.length;
    const page = await openUploadPage(browser, link);
    const isSame = await page.evaluate(async () => {
      const broken = new RangeError('no session');
      sender.options = { sign: () => Promise.reject(broken) };
      await sender.load('/small.png');
      return (await sender.start().catch((error: unknown) => error)) === broken;
    });
    assert.equal(isSame, true);
    assert.equal(site.requests.slice(from).filter(({ method }) => method === 'POST').length, 0);
  });
});
