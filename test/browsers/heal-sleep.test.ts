import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

/** Long enough for a picture that is due to have been asked for, if anything asked. */
const overdueMs = 1_200;

inBrowsers('a broken picture that nobody can see', (browser) => {
  let site: Site;
  let id: string;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());
  beforeEach(async () => {
    id = `cat${Math.random().toString(36).slice(2)}`;
    await site.put(id);
    let isFirst = true;
    site.intercept(({ url = '' }, res) => {
      if (!isFirst || !url.startsWith('/demo/')) return false;
      isFirst = false;
      res.writeHead(503, { 'Cache-Control': 'no-store', 'Server-Timing': 'err;desc="handler_failed", heal;dur=300' });
      res.end();
      return true;
    });
  });

  it('is not asked for while the page is hidden, and is when it is seen again', async () => {
    const page = await openClientPage(browser, site);
    await pretend(page, 'hidden', true);
    await startHealing(page, id);
    await untilState(page, 'waiting');
    await sleep(overdueMs);
    assert.equal(site.deliveries(id).length, 1);
    await pretend(page, 'hidden', false);
    await untilState(page, 'shown');
    assert.equal(site.deliveries(id).length, 2);
  });

  it('is not asked for while there is no network', async () => {
    const page = await openClientPage(browser, site);
    await startHealing(page, id);
    await untilState(page, 'waiting');
    await pretend(page, 'offline', true);
    await sleep(overdueMs);
    assert.equal(site.deliveries(id).length, 1);
    await pretend(page, 'offline', false);
    await untilState(page, 'shown');
    assert.equal(site.deliveries(id).length, 2);
  });

  it('is not asked for while it is far outside of the window, and is when it is scrolled to', async () => {
    const page = await openClientPage(browser, site);
    await startHealing(page, id, 'margin-top: 5000px; display: block');
    await untilState(page, 'waiting');
    await sleep(overdueMs);
    assert.equal(site.deliveries(id).length, 1);
    await page.evaluate(() => scrollTo(0, 5000));
    await untilState(page, 'shown');
    assert.equal(site.deliveries(id).length, 2);
  });

  for (const [how, end] of [
    ['has been taken out of the page', 'img.remove()'],
    ['is disposed of', 'healing[Symbol.dispose ?? Symbol.for("Symbol.dispose")]()'],
  ] as const) {
    it(`is forgotten when it ${how}`, async () => {
      const page = await openClientPage(browser, site);
      await startHealing(page, id);
      await untilState(page, 'waiting');
      await page.evaluate(end);
      await sleep(overdueMs);
      assert.equal(site.deliveries(id).length, 1);
    });
  }

  it('leaves no listener, observer, timer or blob URL behind', async () => {
    const page = await openClientPage(browser, site);
    await page.evaluate(countWhatStays);
    await startHealing(page, id);
    await untilState(page, 'waiting');
    const during = await page.evaluate(() => ({ ...(globalThis as unknown as Counted).staying }));
    assert.ok(during.listeners > 0 && during.observers > 0, JSON.stringify(during));
    await untilState(page, 'shown');
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    const after = await page.evaluate(() => ({ ...(globalThis as unknown as Counted).staying }));
    assert.deepEqual(after, { listeners: 0, observers: 0, blobs: 0, frames: 0 });
  });
});

interface Counted {
  readonly staying: { listeners: number; observers: number; blobs: number; frames: number };
}

/** Runs in the page. */
function countWhatStays(): void {
  const staying = { listeners: 0, observers: 0, blobs: 0, frames: 0 };
  Object.assign(globalThis, { staying });
  for (const target of [document, window]) {
    const add = target.addEventListener.bind(target);
    target.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
      if (!/^(?:visibilitychange|online|pageshow)$/.test(type)) return add(type, listener, options);
      staying.listeners++;
      options?.signal?.addEventListener('abort', () => staying.listeners--);
      add(type, listener, options);
    };
  }
  const { observe, disconnect } = IntersectionObserver.prototype;
  const observing = new Set<IntersectionObserver>();
  IntersectionObserver.prototype.observe = function (target) {
    observing.add(this);
    staying.observers = observing.size;
    observe.call(this, target);
  };
  IntersectionObserver.prototype.disconnect = function () {
    observing.delete(this);
    staying.observers = observing.size;
    disconnect.call(this);
  };
}

function startHealing(page: Page, id: string, style = ''): Promise<void> {
  return page.evaluate(
    async (id, style) => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find(id);
      if (asset === undefined) throw new Error('no asset');
      const img = document.body.appendChild(new Image());
      img.setAttribute('style', style);
      const healing = safelight.heal(img, asset);
      Object.assign(globalThis, { img, healing });
    },
    id,
    style,
  );
}

async function untilState(page: Page, state: string): Promise<void> {
  await page.waitForFunction(`globalThis.healing.state === '${state}'`, { timeout: 8_000, polling: 20 });
}

/** Neither driver can hide a page or cut its network in both browsers; what the page sees of it is the same. */
function pretend(page: Page, what: 'hidden' | 'offline', isSo: boolean): Promise<void> {
  return page.evaluate(
    (what, isSo) => {
      if (what === 'hidden') Object.defineProperty(document, 'hidden', { value: isSo, configurable: true });
      else Object.defineProperty(navigator, 'onLine', { value: !isSo, configurable: true });
      if (what === 'hidden') document.dispatchEvent(new Event('visibilitychange'));
      else window.dispatchEvent(new Event(isSo ? 'offline' : 'online'));
    },
    what,
    isSo,
  );
}
