import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

/** Long enough for a request for a due picture, if there were one. */
const overdueMs = 1_200;
const dispose = 'healing[Symbol.dispose ?? Symbol.for("Symbol.dispose")]()';
const nothing = { listeners: 0, observers: 0, timers: 0, blobs: 0, frames: 0 };

inBrowsers('a broken picture that cannot be seen', (browser) => {
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

  it('is not requested while the page is hidden, but when it is visible again', async () => {
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

  it('is not requested while there is no network', async () => {
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

  it('is not requested while it is far outside of the window, but when the page is scrolled to it', async () => {
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
    ['is disposed of', dispose],
  ] as const) {
    it(`is not requested any more when it ${how}`, async () => {
      const page = await openClientPage(browser, site);
      await startHealing(page, id);
      await untilState(page, 'waiting');
      await page.evaluate(end);
      await sleep(overdueMs);
      assert.equal(site.deliveries(id).length, 1);
    });
  }

  for (const [when, state, end] of [
    ['shown', 'shown', ''],
    ['disposed of while it waits', 'waiting', dispose],
    ['taken out of the page while it waits', 'waiting', 'img.remove(); dispatchEvent(new Event("online"))'],
  ] as const) {
    it(`leaves no listener, observer, timer or frame behind when it is ${when}`, async () => {
      const page = await openClientPage(browser, site);
      await page.evaluate(countWhatStays);
      await startHealing(page, id);
      await untilState(page, 'waiting');
      const during = await staying(page);
      assert.ok(during.listeners === 3 && during.observers === 1 && during.timers <= 1, JSON.stringify(during));
      await untilState(page, state);
      if (end) await page.evaluate(end);
      assert.deepEqual(await staying(page), nothing);
    });
  }

  it('leaves no blob URL behind when it is shown, or disposed of before that', async () => {
    const page = await openClientPage(browser, site);
    await page.evaluate(countWhatStays);
    site.intercept(undefined);
    for (const isDisposed of [false, true]) {
      await page.evaluate(async () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 30, height: 20 });
        canvas.getContext('2d')?.fillRect(0, 0, 30, 20);
        const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
        if (file === null) throw new Error('no picture');
        const client = safelight.createClient({
          endpoint: location.origin,
          cloudName: 'demo',
          uploadPreset: 'browser',
        });
        const img = document.body.appendChild(new Image());
        const states: string[] = [];
        const task = client.upload(file);
        const healing = safelight.heal(img, task, { onState: (state) => states.push(state) });
        Object.assign(globalThis, { img, healing, task });
      });
      if (isDisposed) await page.evaluate(dispose);
      else await untilState(page, 'shown');
      // A preview that is being drawn ends first.
      await page.waitForFunction('globalThis.staying().blobs === 0', { timeout: 5_000 });
      // Progress has its own frames and timers.
      await page.evaluate('globalThis.task.then(() => undefined)');
    }
    assert.deepEqual(await staying(page), nothing);
  });
});

async function staying(page: Page): Promise<typeof nothing> {
  return (await page.evaluate('globalThis.staying()')) as typeof nothing;
}

/** Runs in the page. */
function countWhatStays(): void {
  const listeners = new Set<object>();
  const observers = new Set<object>();
  const timers = new Set<unknown>();
  const blobs = new Set<string>();
  for (const target of [document, window]) {
    const add = target.addEventListener.bind(target);
    target.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
      add(type, listener, options);
      if (!/^(?:visibilitychange|online|pageshow)$/.test(type)) return;
      const one = { type };
      listeners.add(one);
      options?.signal?.addEventListener('abort', () => listeners.delete(one));
    };
  }
  for (const { prototype } of [IntersectionObserver, PerformanceObserver]) {
    const { observe, disconnect } = prototype;
    prototype.observe = function (this: object, ...args: never[]) {
      observers.add(this);
      (observe as (...args: never[]) => void).apply(this, args);
    };
    prototype.disconnect = function (this: object) {
      observers.delete(this);
      disconnect.call(this as never);
    };
  }
  const { setTimeout, clearTimeout } = globalThis;
  globalThis.setTimeout = ((work: () => void, ms: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = (timer) => {
    timers.delete(timer);
    clearTimeout(timer);
  };
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (file) => {
    const url = createObjectURL.call(URL, file);
    blobs.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    blobs.delete(url);
    revokeObjectURL.call(URL, url);
  };
  Object.assign(globalThis, {
    staying: () => ({
      listeners: listeners.size,
      observers: observers.size,
      timers: timers.size,
      blobs: blobs.size,
      frames: document.querySelectorAll('iframe').length,
    }),
  });
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
  await page.waitForFunction(`globalThis.healing.state === '${state}'`, { timeout: 20_000, polling: 20 });
}

/** No driver can hide a page or cut its network in both browsers, so the page's properties and events are replaced. */
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
