import assert from 'node:assert/strict';
import type { Diagnosis } from '@safelight/protocol';
import type { Page } from 'puppeteer-core';
import { startStandIn } from '../../packages/client/test/cloudinary-stand-in.ts';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, type SiteOptions, startSite } from './site.ts';

const path = '/demo/image/upload/c_scale,w_60/cat.png';

inBrowsers('why in a page', (browser) => {
  let site: Site;
  let page: Page;

  async function start(options?: SiteOptions): Promise<void> {
    site = await startSite(options);
    page = await openClientPage(browser, site);
  }
  afterEach(() => site.close());

  /** Requests a picture, and waits until it is shown or has failed. */
  const show = (url: string) =>
    page.evaluate(
      (src) =>
        new Promise<string>((resolve) => {
          const image = new Image();
          image.onload = () => resolve('load');
          image.onerror = () => resolve('error');
          image.src = src;
        }),
      url,
    );
  const reload = (url: string) =>
    page.evaluate(async (one) => {
      const response = await fetch(one, { cache: 'reload' });
      // The page lists a response only when it is complete.
      await response.blob();
      return response.status;
    }, url);
  const layer = ({ layers }: Diagnosis) => layers.find(({ name }) => name === 'browser');

  /** Calls `why`, and checks that there was no request for the picture in the meantime. */
  async function why(url: string): Promise<Diagnosis> {
    const before = site.requests.length;
    const diagnosis = await page.evaluate((one) => safelight.why(one), url);
    // Browsers repeat a GET whose connection breaks.
    const asked = new Set(site.requests.slice(before).map((request) => request.url.split('?')[0]));
    assert.deepEqual([...asked], ['/_safelight/why']);
    return diagnosis;
  }

  /** Sets the response of the server for the path. */
  const reply = (status: number, headers: Readonly<Record<string, string>>, from = path) =>
    site.intercept((req, res) => {
      if (!req.url?.startsWith(from)) return false;
      res.writeHead(status, headers).end();
      return true;
    });

  it('reports a failure that the server caches and the browser does not', async () => {
    await start();
    assert.equal(await show(site.origin + path), 'error');
    const { verdict, status, cached, evidence, ...rest } = await why(path);
    assert.deepEqual([verdict, status, cached], ['missing_original', 404, true]);
    assert.deepEqual(layer({ verdict, status, cached, evidence, ...rest }), {
      name: 'browser',
      state: 'miss',
      remainingMs: null,
    });
    assert.equal(evidence['this browser'], '404 missing_original');
    assert.equal(site.deliveries('cat').length, 1);
  });

  it('reports that only the browser caches an old failure, for how long, and the fix', async () => {
    await start();
    reply(404, { 'cache-control': 'max-age=600' });
    assert.equal(await show(path), 'error');
    site.intercept(undefined);
    await site.put('cat');
    const only = await why(`${path}#again`);
    assert.deepEqual([only.verdict, only.status, only.cached], ['browser_cache_only', 404, true]);
    assert.ok(only.remainingMs !== null && only.remainingMs > 580_000 && only.remainingMs <= 600_000);
    assert.deepEqual(layer(only), { name: 'browser', state: 'hit', remainingMs: only.remainingMs });
    assert.deepEqual(
      only.fixes.slice(0, 2).map(({ label }) => label),
      ['heal(img, asset)', "await fetch(url, { cache: 'reload' }), then set src again"],
    );
    assert.match(
      await page.evaluate((one) => safelight.formatDiagnosis(one), only),
      /\[browser_cache_only\].*\n heals {5}in (9 min \d+ s|10 min)\n where {5}browser (9|10) min/s,
    );
    // After the fix the picture is delivered.
    assert.equal(await reload(path), 200);
    assert.equal(await show(path), 'load');
    assert.equal((await why(path)).verdict, 'ok');
    assert.equal(site.deliveries('cat').filter(({ status }) => status === 404).length, 1);
  });

  it('counts the Age that a cached response had when it arrived', async () => {
    await start();
    reply(404, { 'cache-control': 'public, max-age=600', age: '200' });
    await show(path);
    site.intercept(undefined);
    await site.put('cat');
    const { remainingMs } = await why(path);
    assert.ok(remainingMs !== null && remainingMs > 380_000 && remainingMs <= 400_000, String(remainingMs));
  });

  it('reports how long the right picture is cached', async () => {
    await start();
    const { version } = await site.put('cat');
    const url = path.replace('/cat', `/v${version}/cat`);
    assert.equal(await show(url), 'load');
    const told = await why(url);
    assert.equal(told.verdict, 'ok');
    assert.equal(layer(told)?.state, 'hit');
    assert.ok((layer(told)?.remainingMs ?? 0) > 86_400_000);
  });

  it('reports the time of the browser when it caches a failure for longer', async () => {
    await start();
    reply(404, { 'cache-control': 'max-age=600' });
    await show(path);
    site.intercept(undefined);
    await reload(`${path}?other`);
    const { verdict, cached, remainingMs, layers } = await why(path);
    assert.deepEqual([verdict, cached], ['missing_original', true]);
    const [here, , there] = layers;
    assert.ok(Number(here?.remainingMs) > 580_000 && Number(there?.remainingMs) <= 60_000);
    assert.equal(remainingMs, here?.remainingMs);
  });

  it('recognises a placeholder that the page shows although the picture exists', async () => {
    await start({ safelight: { placeholder: 'drawn' } });
    assert.equal(await show(path), 'load');
    assert.match(String((await why(path)).summary), /Meanwhile a placeholder is sent\.$/);
    await site.put('cat');
    const { verdict, cached, summary, evidence, fixes } = await why(path);
    assert.deepEqual([verdict, cached], ['placeholder', false]);
    assert.equal(summary, 'The server has the picture; only this page shows an older response.');
    assert.deepEqual(
      fixes.slice(0, 2).map(({ label }) => label),
      ['heal(img, asset)', 'reload the page'],
    );
    assert.equal(evidence['this browser'], '404 missing_original placeholder');
    // A new element would not be enough in Firefox, which reuses the pictures of a page.
    assert.equal(await reload(path), 200);
    assert.equal((await why(path)).verdict, 'ok');
  });

  it("reports the reason of the page's response when the server has no control route", async () => {
    await start();
    await show(path);
    reply(404, { 'content-type': 'text/html' }, '/_safelight/');
    const told = await why(path);
    assert.equal(told.verdict, 'missing_original');
    assert.match(String(told.summary), /^This page received 404 missing_original\. No diagnosis from .*: 404$/);
    assert.ok(told.remainingMs !== null && told.remainingMs > 50_000 && told.remainingMs <= 60_000);
    site.intercept((req) => {
      if (!req.url?.startsWith('/_safelight/')) return false;
      req.socket.destroy();
      return true;
    });
    assert.equal((await why(path)).verdict, 'missing_original');
    const unseen = await why('/demo/image/upload/dog.jpg');
    assert.deepEqual([unseen.verdict, layer(unseen)?.state], ['network', 'miss']);
  });

  it('requests a server of another origin, and reports that the state of the browser is unknown', async () => {
    await start();
    await show(site.otherOrigin + path);
    const told = await why(site.otherOrigin + path);
    assert.deepEqual([told.verdict, told.cached], ['missing_original', true]);
    assert.equal(layer(told)?.state, 'unknown');
    // Firefox reports nothing to a page about a failed picture of another origin.
    assert.equal(told.evidence['this browser'], browser.name === 'Chromium' ? 'missing_original' : undefined);
    const behind = await page.evaluate(
      ({ endpoint, url }) => safelight.createClient({ endpoint, cloudName: 'demo' }).why(url),
      { endpoint: site.otherOrigin, url: `https://cdn.example${path}` },
    );
    assert.equal(behind.verdict, 'missing_original');
  });

  it('does not report a miss for a response that varies by Accept', async () => {
    await start();
    const { version } = await site.put('cat');
    const url = `/demo/image/upload/f_auto,w_60/v${version}/cat`;
    assert.equal(await show(url), 'load');
    assert.notEqual(layer(await why(url))?.state, 'miss');
  });

  it('explains a Cloudinary URL from its headers, and takes no secret into a page', async () => {
    await start();
    const cloudinary = await startStandIn();
    try {
      const url = cloudinary.origin + path;
      const told = await page.evaluate((one) => safelight.why(one, { cloudinary: true }), url);
      assert.equal(told.verdict, 'missing_original');
      assert.match(String(told.summary), /\(404 Resource not found - cat\)/);
      assert.deepEqual(cloudinary.deliveries(), [`HEAD ${path.replace('/cat', '/a_0/cat')}`]);
      const refused = await page.evaluate(
        (one) => safelight.why(one, { cloudinary: true, apiKey: 'k', apiSecret: 's' }).then(String, String),
        url,
      );
      assert.match(refused, /TypeError: why\(\) has apiSecret in a page/);
      assert.equal(cloudinary.requests.length, 1);
    } finally {
      await cloudinary.close();
    }
  });
});
