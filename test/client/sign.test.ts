import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createClient, type SignUpload, signAt } from '@safelight/client';
import { signUpload } from '@safelight/client/sign';
import express from 'express';
import sharp from 'sharp';
import { kyInProcess } from '../../packages/client/test/ky-to.ts';
import { startSafelight } from './safelight-place.ts';
import { type HttpSite, listen, siteOptions } from './sign-site.ts';
import { apiKey, apiSecret } from './sign-upload.ts';
import type { UploadPlace } from './upload-place.ts';

describe('an upload that signUpload() signs', () => {
  const sign = signUpload(siteOptions);
  let place: UploadPlace;
  let site: HttpSite;
  let bare: HttpSite;
  let picture: Blob;

  before(async () => {
    const image = sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } });
    picture = new Blob([Uint8Array.from(await image.png().toBuffer())]);
    const app = express();
    app.post('/sign', sign.express);
    app.post('/after-json', express.json(), sign.express);
    app.post('/after-text', express.text({ type: '*/*' }), sign.express);
    app.post('/after-bytes', express.raw({ type: '*/*' }), sign.express);
    app.post('/after-forms', express.urlencoded(), leaveEmptyBody, sign.express);
    site = await listen(app);
    bare = await listen((req, res) => sign.express(req, res, (error) => res.destroy(error as Error)));
    place = await startSafelight();
  });
  after(() => Promise.all([site.close(), bare.close(), place.close()]));

  /** Parsers of Express 4 set this body for requests that they do not read. */
  function leaveEmptyBody(req: express.Request, _res: express.Response, next: express.NextFunction): void {
    assert.equal(req.body, undefined);
    req.body = {};
    next();
  }

  const signByExpress: SignUpload = (parameters) => signAt(`${site.origin}/sign`)(parameters);
  const routes: Readonly<Record<string, () => SignUpload>> = {
    'Express 5': () => signByExpress,
    'Express, after express.json()': () => signAt(`${site.origin}/after-json`),
    'Express, after express.text()': () => signAt(`${site.origin}/after-text`),
    'Express, after express.raw()': () => signAt(`${site.origin}/after-bytes`),
    'Express, after a parser that has not read the body': () => signAt(`${site.origin}/after-forms`),
    'node:http': () => signAt(new URL(bare.origin)),
    'a function of a web Request': () => signAt('https://site.example/sign', { ky: kyInProcess(sign) }),
  };
  for (const [index, [name, route]] of Object.entries(routes).entries()) {
    it(`is stored with its ID, tags and derivations: ${name}`, async () => {
      const client = createClient({ ...place.signedOptions, sign: route() });
      const asset = await client.upload(picture, {
        publicId: `users/42/cat-${index}`,
        overwrite: false,
        tags: ['pet', 'two words & more'],
        eager: [{ crop: 'fit', width: 10 }],
      });
      assert.equal(asset.publicId, `users/42/cat-${index}`);
      assert.equal((await fetch(asset.url({ width: 10, crop: 'fit' }))).status, 200);
      const other = await client.upload(picture);
      assert.match(other.publicId, /^\w{20}$/);
      assert.deepEqual(
        place.stored.slice(-2).map(({ publicId }) => publicId),
        [asset.publicId, other.publicId],
      );
    });

    it(`is refused before the file is sent: ${name}`, async () => {
      const client = createClient({ ...place.signedOptions, sign: route() });
      const before = place.requests.length;
      await assert.rejects(client.upload(picture, { publicId: 'users/43/cat', overwrite: false }), {
        name: 'SafelightError',
        code: 'rejected',
        status: 403,
        retryable: false,
        message: /Parameter public_id is "users\/43\/cat", which allow\.publicId/,
      });
      assert.equal(place.requests.length, before);
    });
  }

  it('never replaces an asset', async () => {
    const client = createClient({ ...place.signedOptions, sign: signByExpress });
    const first = await client.upload(picture, { publicId: 'users/42/dog', overwrite: false });
    for (const overwrite of [{ overwrite: true }, {}]) {
      await assert.rejects(client.upload(new Blob(['other']), { publicId: 'users/42/dog', ...overwrite }), {
        status: 403,
        message: /Parameter overwrite must be 0 here, so that no asset is replaced\. Upload with overwrite: false/,
      });
    }
    assert.equal((await client.find('users/42/dog'))?.version, first.version);
  });

  it('may replace the assets that the rule names, with overwrite: true', async () => {
    const replacing = signUpload({ ...siteOptions, allow: { ...siteOptions.allow, overwrite: true } });
    const sign = signAt('https://site.example/sign', { ky: kyInProcess(replacing) });
    const client = createClient({ ...place.signedOptions, sign });
    const first = await client.upload(picture, { publicId: 'users/42/fox' });
    const second = await client.upload(picture, { publicId: 'users/42/fox', overwrite: true });
    assert.ok(second.version > first.version);
    await assert.rejects(client.upload(picture, { publicId: 'users/43/fox', overwrite: true }), { status: 403 });
    // The preset could choose the ID by the name of the file.
    const byPreset = createClient({ ...place.signedOptions, sign, uploadPreset: 'browser' });
    await assert.rejects(byPreset.upload(picture), { message: /overwrite must be 0 in an upload without public_id/ });
    await byPreset.upload(picture, { overwrite: false });
  });

  it('cannot be used to destroy an asset', async () => {
    const client = createClient({ ...place.signedOptions, sign: signByExpress });
    await client.upload(picture, { publicId: 'users/42/owl', overwrite: false });
    const parameters = { public_id: 'users/42/owl', overwrite: '0' };
    const { signature, timestamp } = await signByExpress(parameters);
    const body = new URLSearchParams({ ...parameters, signature, timestamp: `${timestamp}`, api_key: apiKey });
    const response = await fetch(`${place.deliveryOrigin}/v1_1/demo/image/destroy`, { method: 'POST', body });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error.message, /^Parameter overwrite is not offered by destroy/);
    assert.notEqual(await client.find('users/42/owl'), undefined);
  });

  it('has the timestamp of the server, and the documented digest', async () => {
    const timed = signUpload({ ...siteOptions, clock: () => 1_719_307_544_999 });
    const sign = signAt('https://site.example/sign', { ky: kyInProcess(timed) });
    const text = 'overwrite=0&public_id=users/42/cat&tags=pet,two words %26 more&timestamp=1719307544';
    assert.deepEqual(await sign({ public_id: 'users/42/cat', tags: 'pet,two words & more', overwrite: '0' }), {
      signature: createHash('sha256').update(`${text}${apiSecret}`).digest('hex'),
      timestamp: 1_719_307_544,
      apiKey,
    });
  });
});
