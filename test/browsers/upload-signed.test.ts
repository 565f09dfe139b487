import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { uploadStringToSign } from '@safelight/protocol';
import express from 'express';
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
        app.post('/sign', express.json(), (req, res) => {
          const timestamp = Math.floor(Date.now() / 1000);
          const text = uploadStringToSign({ ...req.body, timestamp: `${timestamp}` });
          const signature = createHash('sha256')
            .update(text + apiSecret)
            .digest('hex');
          res.json({ signature, timestamp, apiKey });
        });
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
        sign: async (parameters) => {
          signings++;
          const headers = { 'content-type': 'application/json' };
          const body = JSON.stringify(parameters);
          return (await fetch('/sign', { method: 'POST', headers, body })).json();
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
