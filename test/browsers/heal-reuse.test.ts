import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { openReuse } from './reuse-page.ts';
import { drawPicture, type Site, startSite } from './site.ts';

inBrowsers('an <img> that shows one picture after another', (browser) => {
  let site: Site;
  let page: Page;
  before(async () => {
    site = await startSite();
    await site.put('cat', { width: 300, height: 200 });
    await site.put('dog', { width: 500, height: 400 });
  });
  after(() => site.close());
  beforeEach(async () => {
    page = await openClientPage(browser, site);
    await openReuse(page);
  });
  afterEach(() => site.intercept(undefined));

  /** Every delivery of a public ID has no end until the returned function is called. */
  function hold(publicId: string): () => void {
    let letPass: () => void = () => {};
    const passed = new Promise<void>((resolve) => {
      letPass = resolve;
    });
    site.intercept(async ({ url = '' }) => {
      if (url.startsWith('/demo/') && url.includes(publicId)) await passed;
      return false;
    });
    return letPass;
  }

  function refuse(publicId: string): void {
    site.intercept(({ url = '' }, res) => {
      if (!url.startsWith('/demo/') || !url.includes(publicId)) return false;
      res.writeHead(403, { 'Cache-Control': 'no-store', 'Server-Timing': 'err;desc="forbidden"' });
      res.end();
      return true;
    });
  }

  it('shows the one that was chosen last, also when the first one arrives later', async () => {
    const letPass = hold('cat');
    await page.evaluate(async () => {
      await reuse.show('cat');
      await reuse.show('dog');
      await reuse.until('dog shown');
    });
    letPass();
    // The last response to the first one has been sent and could have been used.
    await page.evaluate(async () => {
      const image = new Image();
      image.src = (await reuse.find('cat')).url();
      await image.decode();
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    assert.deepEqual(await page.evaluate('[reuse.picture().width, reuse.states]'), [
      500,
      ['cat loading', 'dog loading', 'dog shown'],
    ]);
  });

  it('shows nothing, and never another picture, when the new one cannot be shown', async () => {
    refuse('dog');
    const seen = await page.evaluate(async () => {
      reuse.img.alt = 'A cat';
      await reuse.show('cat');
      await reuse.until('cat shown');
      const shown = reuse.picture();
      reuse.img.alt = 'A dog';
      await reuse.show('dog');
      const atOnce = reuse.picture();
      await reuse.until('dog gave-up');
      return [shown.alt, shown.width, atOnce, reuse.picture(), reuse.img.getAttribute('aria-busy')];
    });
    const nothing = { src: null, alt: 'A dog', width: 0 };
    assert.deepEqual(seen, ['A cat', 300, nothing, nothing, null]);
  });

  it('has the alternative text, the width and the height of each picture', async () => {
    const seen = await page.evaluate(async () => {
      const options = (alt: string, width: number) => ({
        attrs: (asset: Parameters<typeof safelight.imgAttrs>[0]) => safelight.imgAttrs(asset, { width, alt }),
      });
      const sizes = () => [reuse.img.alt, reuse.img.getAttribute('width'), reuse.img.getAttribute('height')];
      await reuse.show('cat', options('A cat', 150));
      await reuse.until('cat shown');
      const first = sizes();
      await reuse.show('dog', options('A dog', 250));
      const { alt } = reuse.img;
      await reuse.until('dog shown');
      const second = sizes();
      await reuse.show('cat');
      await reuse.until('cat shown');
      return [first, alt, second, sizes()];
    });
    assert.deepEqual(seen, [['A cat', '150', '100'], '', ['A dog', '250', '200'], ['', null, null]]);
  });

  it('still shows another size of the same picture, or its last version, until the new one is loaded', async () => {
    await page.evaluate(async () => {
      await reuse.show('cat');
      await reuse.until('cat shown');
    });
    const letPass = hold('cat');
    const during = await page.evaluate(async () => {
      await reuse.show('cat', { transformation: { width: 100 } });
      return reuse.picture().width;
    });
    letPass();
    await page.evaluate(() => reuse.until('cat shown'));
    await site.put('cat', { width: 320, height: 200 });
    const widths = await page.evaluate(async () => {
      const before = reuse.picture().width;
      await reuse.show('cat');
      const during = reuse.picture().width;
      await reuse.until('cat shown');
      return [before, during, reuse.picture().width];
    });
    assert.deepEqual([during, ...widths], [300, 100, 100, 320]);
  });

  it('still shows an upload when it is given the asset of this upload', async () => {
    const { bytes } = await drawPicture({ width: 400, height: 300, colour: 'green' });
    const seen = await page.evaluate(async (base64) => {
      const file = await (await fetch(`data:image/png;base64,${base64}`)).blob();
      const place = { endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' };
      const task = safelight.createClient(place).upload(file);
      const onState = (state: string): unknown => reuse.states.push(`task ${state}`);
      safelight.heal(reuse.img, task, { onState });
      await reuse.until('task shown');
      safelight.heal(reuse.img, await task, { transformation: { width: 200 }, onState });
      const { width } = reuse.picture();
      await reuse.until('task loading');
      await reuse.until('task shown');
      return [width, reuse.picture().width];
    }, bytes.toString('base64'));
    assert.deepEqual(seen, [400, 200]);
  });

  it('ends by stop(), and by using, also in a browser without Symbol.dispose', async () => {
    await page.evaluateOnNewDocument(() => {
      // Browsers do not let a page delete `Symbol.dispose`.
      const { dispose: _, prototype, length, name, ...others } = Object.getOwnPropertyDescriptors(Symbol);
      const original = Symbol;
      const bare = Object.defineProperties((text?: string) => original(text), others);
      Object.assign(globalThis, { Symbol: bare });
    });
    await page.reload();
    await page.waitForFunction('globalThis.safelight !== undefined');
    await openReuse(page);
    const letPass = hold('cat');
    const busy = await page.evaluate(async () => {
      const asset = await reuse.find('cat');
      const busyAfter = (end: (healing: ReturnType<typeof safelight.heal>) => void): unknown => {
        const healing = safelight.heal(reuse.img, asset, { onState: (state) => reuse.states.push(state) });
        const during = reuse.img.ariaBusy;
        end(healing);
        return [during, reuse.img.ariaBusy];
      };
      return [
        Symbol.dispose === undefined,
        busyAfter((healing) => healing.stop()),
        busyAfter((healing) => (healing as never as Record<symbol, () => void>)[Symbol.for('Symbol.dispose')]?.()),
      ];
    });
    letPass();
    assert.deepEqual(busy, [true, ['true', null], ['true', null]]);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    assert.deepEqual(await page.evaluate('[reuse.picture().src, reuse.states]'), [null, []]);
  });
});
