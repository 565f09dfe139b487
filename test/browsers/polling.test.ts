import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { drawPicture, type Site, startSite } from './site.ts';

const placeholderWidth = 10;
const pictureWidth = 300;

inBrowsers('a page that has shown a placeholder, and polls', (browser) => {
  let site: Site;
  let id: string;
  let url: string;
  let page: Page;
  before(async () => {
    site = await startSite({
      routes(app) {
        app.get('/one', (req, res) => void res.type('html').send(`<!doctype html><img src="${req.query['src']}">`));
      },
    });
  });
  after(() => site.close());
  beforeEach(async () => {
    id = `cat${Math.random().toString(36).slice(2)}`;
    url = `/demo/image/upload/${id}.png`;
    const placeholder = (await drawPicture({ width: placeholderWidth, height: 10 })).bytes;
    let isReady = false;
    site.intercept((req, res) => {
      if (isReady || req.url !== url) return false;
      res.writeHead(404, {
        'Content-Type': 'image/png',
        'Cache-Control': 'public, max-age=0',
        'Server-Timing': 'err;desc="missing_original", heal;dur=500',
      });
      res.end(placeholder);
      return true;
    });
    // The module of the client is in the same page, to poll by it.
    page = await openClientPage(browser, site);
    await page.goto(`${site.origin}/one?src=${url}`);
    assert.equal(await width(), placeholderWidth);
    await site.put(id, { width: pictureWidth, height: 200 });
    isReady = true;
  });
  afterEach(() => site.intercept(undefined));

  function width(): Promise<number> {
    return page.evaluate(async () => {
      const img = document.querySelector('img');
      await img?.decode();
      return img?.naturalWidth ?? 0;
    });
  }

  function poll(cache: RequestCache): Promise<void> {
    return page.evaluate(
      async (url, cache) => {
        while (!(await fetch(url, { cache })).ok) await new Promise((done) => setTimeout(done, 50));
      },
      url,
      cache,
    );
  }

  it('with fetch(url): Firefox still shows the placeholder after a reload, and Chromium does not', async () => {
    await poll('default');
    for (let reload = 0; reload < 2; reload++) {
      await page.reload();
      assert.equal(await width(), browser.name === 'Firefox' ? placeholderWidth : pictureWidth);
    }
  });

  it('with fetch(url, { cache: "no-store" }): shows the picture after a reload', async () => {
    await poll('no-store');
    await page.reload();
    assert.equal(await width(), pictureWidth);
  });

  it('with whenReady(): shows the picture after a reload, and at once by the URL of the asset', async () => {
    await page.evaluate(async (id) => {
      const { createClient } = (await import(`${location.origin}/client.js`)) as typeof safelight;
      const asset = await createClient({ endpoint: location.origin, cloudName: 'demo' }).whenReady(id);
      const img = document.querySelector('img');
      if (img) img.src = asset.url();
      await new Promise((done) => img?.addEventListener('load', done));
    }, id);
    assert.equal(await width(), pictureWidth);
    await page.reload();
    assert.equal(await width(), pictureWidth);
  });

  it('with fetch(url): shows the picture when it is loaded with crossorigin', async () => {
    await poll('default');
    await page.evaluate(async () => {
      const img = document.querySelector('img');
      const image = new Image();
      image.crossOrigin = 'anonymous';
      image.src = img?.src ?? '';
      await image.decode();
      Object.assign(img ?? {}, { crossOrigin: image.crossOrigin, src: image.src });
      await new Promise((done) => img?.addEventListener('load', done));
    });
    assert.equal(await width(), pictureWidth);
  });

  it('with fetch(url): heal() shows the picture in Chromium, and cannot in Firefox', async () => {
    await poll('default');
    await page.evaluate(
      async (id, url) => {
        const { createClient, heal } = (await import(`${location.origin}/client.js`)) as typeof safelight;
        const asset = await createClient({ endpoint: location.origin, cloudName: 'demo' }).whenReady(id);
        const img = document.querySelector('img') ?? new Image();
        const src = new URL(url, location.href).href;
        await new Promise<void>((done) => {
          heal(img, asset, { attrs: () => ({ src }), onState: (state) => state === 'shown' && done() });
          setTimeout(done, 15_000);
        });
      },
      id,
      url,
    );
    assert.equal(await width(), browser.name === 'Firefox' ? placeholderWidth : pictureWidth);
  });
});
