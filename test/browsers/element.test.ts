import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { drawPicture, type Site, startSite } from './site.ts';

inBrowsers('<safelight-img>', (browser) => {
  let site: Site;
  let id: string;
  let page: Page;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());
  beforeEach(async () => {
    id = `cat${Math.random().toString(36).slice(2)}`;
    await site.put(id, { width: 800, height: 600 });
    page = await openClientPage(browser, site);
    await page.evaluate(() => {
      safelight.defineSafelightImg({ endpoint: location.origin, cloudName: 'demo' });
      safelight.defineSafelightImg({ endpoint: location.origin, cloudName: 'demo' });
      const told: unknown[] = [];
      Object.assign(globalThis, { told });
      document.addEventListener('safelight-state', (event) => {
        const { state, error } = (event as CustomEvent<{ state: string; error?: { code?: string } }>).detail;
        told.push(error === undefined ? state : [state, error.code]);
      });
    });
  });
  afterEach(() => site.intercept(undefined));

  it('shows the reference in its attributes, with their size and alternative text', async () => {
    await put(page, await markup(page, id, 'width="200" height="100" crop="fill" alt="A cat" loading="eager"'));
    await untilTold(page, 'shown');
    const img = await inside(page);
    assert.deepEqual(
      [img.alt, img.busy, img.width, img.height, img.naturalWidth, img.loading],
      ['A cat', null, '200', '100', 200, 'eager'],
    );
    assert.match(img.src, new RegExp(`/demo/image/upload/c_fill,h_100,w_200/v\\d+/${id}\\.png$`));
    assert.match(img.srcset, /w_400\/v\d+\/.* 400w$/);
    assert.deepEqual(await told(page), ['loading', 'shown']);
  });

  it('uses the picture that a server has rendered into it, without a new request', async () => {
    const html = await page.evaluate(async (id) => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find(id);
      if (asset === undefined) throw new Error('no asset');
      const { src, srcset, sizes } = safelight.imgAttrs(asset, { width: 200, alt: 'A cat' });
      const ref = JSON.stringify(asset).replaceAll('"', '&quot;');
      const img = `<img src="${src}" srcset="${srcset}" sizes="${sizes}" width="200" height="150" alt="A cat">`;
      return `<safelight-img asset="${ref}" width="200" alt="A cat">${img}</safelight-img>`;
    }, id);
    await put(page, html);
    await untilTold(page, 'shown');
    assert.equal(await page.$$eval('safelight-img img', (all) => all.length), 1);
    assert.equal(site.deliveries(id).length, 1);
  });

  it('recognises a picture that failed before the element was defined', async () => {
    let isBroken = true;
    site.intercept(({ url = '' }, res) => {
      if (!isBroken || !url.startsWith('/demo/')) return false;
      res.writeHead(503, { 'Cache-Control': 'no-store', 'Server-Timing': 'err;desc="handler_failed", heal;dur=200' });
      res.end();
      return true;
    });
    const html = await page.evaluate(async (id) => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find(id);
      if (asset === undefined) throw new Error('no asset');
      const img = document.body.appendChild(new Image());
      await new Promise((resolve) => {
        img.onerror = resolve;
        img.src = asset.url();
      });
      const element = document.createElement('safelight-img');
      img.replaceWith(element);
      element.append(img);
      Object.assign(element, { source: asset });
      return img.outerHTML;
    }, id);
    assert.match(html, /src=/);
    await untilTold(page, 'waiting');
    isBroken = false;
    await untilTold(page, 'shown');
    assert.equal((await inside(page)).naturalWidth, 800);
    assert.equal(site.deliveries(id).length, 2);
  });

  it('shows a running upload, is busy during it, and follows a new source', async () => {
    const { bytes } = await drawPicture({ width: 400, height: 300, colour: 'green' });
    site.intercept(async ({ url = '' }) => {
      if (url.includes('/v1_1/')) await new Promise((resolve) => setTimeout(resolve, 300));
      return false;
    });
    const during = await page.evaluate(async (base64) => {
      const file = await (await fetch(`data:image/png;base64,${base64}`)).blob();
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' });
      const element = document.createElement('safelight-img');
      // The property is set once before the element is in the page, and once after.
      Object.assign(element, { source: client.upload(file) });
      element.setAttribute('alt', 'A field');
      document.body.append(element);
      await new Promise((resolve) => element.addEventListener('safelight-state', resolve, { once: true }));
      const img = element.querySelector('img');
      return [img?.getAttribute('aria-busy'), img?.alt, img?.src.startsWith('blob:')];
    }, bytes.toString('base64'));
    assert.deepEqual(during, ['true', 'A field', true]);
    await untilTold(page, 'shown');
    await page.evaluate(async (id) => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find(id);
      Object.assign(document.querySelector('safelight-img') ?? {}, { source: asset });
    }, id);
    await page.waitForFunction('document.querySelector("safelight-img img").naturalWidth === 800');
    assert.deepEqual(await told(page), ['preview', 'loading', 'shown', 'loading', 'shown']);
  });

  it('ends when it is removed from the page, and starts again when it is inserted again', async () => {
    await put(page, await markup(page, id, 'width="200" alt=""'));
    await untilTold(page, 'shown');
    await page.evaluate(() => {
      const element = document.querySelector('safelight-img');
      element?.remove();
      if (element) document.body.prepend(element);
    });
    await page.waitForFunction('told.length === 4');
    assert.deepEqual(await told(page), ['loading', 'shown', 'loading', 'shown']);
    assert.equal(site.deliveries(id).length, 1);
  });

  it('moves without a new request, and is busy only while it waits', async () => {
    let isBroken = true;
    site.intercept(({ url = '' }, res) => {
      if (!isBroken || !url.startsWith('/demo/')) return false;
      res.writeHead(503, { 'Cache-Control': 'no-store', 'Server-Timing': 'err;desc="handler_failed", heal;dur=700' });
      res.end();
      return true;
    });
    await put(page, await markup(page, id, 'width="200" alt="A cat"'));
    await untilTold(page, 'waiting');
    isBroken = false;
    assert.deepEqual(await busyAndAlt(page), ['true', 'A cat']);
    await page.evaluate(() => {
      const element = document.querySelector('safelight-img');
      element?.remove();
      Object.assign(globalThis, { busyOutside: element?.querySelector('img')?.getAttribute('aria-busy') });
      if (element) document.body.prepend(element);
    });
    assert.equal(await page.evaluate('globalThis.busyOutside'), null);
    await untilTold(page, 'shown');
    assert.deepEqual(await busyAndAlt(page), [null, 'A cat']);
    assert.equal(site.deliveries(id).filter(({ status }) => status === 200).length, 1);
  });

  it('reports a wrong reference, and sends no request', async () => {
    const deliveries = (): number => site.requests.filter(({ url }) => url.startsWith('/demo/')).length;
    const before = deliveries();
    for (const asset of ['{}', 'no JSON', '{"publicId":"cat","version":1,"resourceType":"image","format":"jpg"}']) {
      await put(page, `<safelight-img asset="${asset.replaceAll('"', '&quot;')}" alt=""></safelight-img>`);
    }
    await page.waitForFunction('told.length === 3');
    assert.deepEqual(await told(page), [
      ['gave-up', 'invalid_asset_ref'],
      ['gave-up', 'invalid_asset_ref'],
      ['gave-up', 'invalid_asset_ref'],
    ]);
    assert.equal(deliveries(), before);
  });
});

inBrowsers('<safelight-img> that is defined before it has been parsed', (browser) => {
  let site: Site;
  before(async () => {
    site = await startSite({
      routes(app) {
        app.get('/slowly', async (req, res) => {
          const { ref, src } = req.query;
          res.type('html').write(`<!doctype html><script type="module" async>
            import { defineSafelightImg } from '/client.js';
            defineSafelightImg({ endpoint: location.origin, cloudName: 'demo' });
            globalThis.isDefined = fetch('/defined');
          </script>`);
          await new Promise((resolve) => app.get('/defined', (_req, res) => resolve(res.sendStatus(204))));
          res.write(`<safelight-img asset="${String(ref).replaceAll('"', '&quot;')}" alt="A cat">`);
          await new Promise((resolve) => setTimeout(resolve, 300));
          res.end(`<img src="${src}" alt="A cat"></safelight-img>`);
        });
      },
    });
  });
  after(() => site.close());

  it('uses the picture that follows', async () => {
    await site.put('cat', { width: 800, height: 600 });
    const first = await openClientPage(browser, site);
    const query = await first.evaluate(async () => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find('cat');
      return `${new URLSearchParams({ ref: JSON.stringify(asset), src: asset?.url() ?? '' })}`;
    });
    const page = await browser.openPage(`${site.origin}/slowly?${query}`);
    await page.waitForFunction('document.querySelector("safelight-img").state === "shown"', { polling: 20 });
    assert.equal(await page.$$eval('safelight-img img', (all) => all.length), 1);
    assert.equal(site.deliveries('cat').length, 1);
  });
});

async function busyAndAlt(page: Page): Promise<unknown> {
  return page.$eval('safelight-img img', (img) => [img.getAttribute('aria-busy'), img.alt]);
}

async function markup(page: Page, id: string, attributes: string): Promise<string> {
  const ref = await page.evaluate(async (id) => {
    const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find(id);
    return JSON.stringify(asset);
  }, id);
  return `<safelight-img asset="${ref.replaceAll('"', '&quot;')}" ${attributes}></safelight-img>`;
}

function put(page: Page, html: string): Promise<void> {
  return page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), html);
}

async function untilTold(page: Page, state: string): Promise<void> {
  await page.waitForFunction(`told.at(-1) === '${state}'`, { timeout: 20_000, polling: 20 });
}

function told(page: Page): Promise<unknown> {
  return page.evaluate('told');
}

async function inside(page: Page) {
  return page.$eval('safelight-img img', (img) => ({
    src: img.src,
    srcset: img.srcset,
    alt: img.alt,
    busy: img.getAttribute('aria-busy'),
    width: img.getAttribute('width'),
    height: img.getAttribute('height'),
    loading: img.getAttribute('loading'),
    naturalWidth: img.naturalWidth,
  }));
}
