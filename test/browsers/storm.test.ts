import assert from 'node:assert/strict';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

const pictures = process.env['SAFELIGHT_LONG'] === '1' ? 500 : 150;
/** Longer than the time in which the page finds that all of them are broken. */
const announcedMs = 8_000;

inBrowsers('a page full of broken pictures', (browser) => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('recovers without a storm: each is requested once more, a few at a time', async () => {
    await site.put('cat', { width: 600, height: 600 });
    let isBroken = true;
    site.intercept(({ url = '' }, res) => {
      if (!isBroken || !url.startsWith('/demo/')) return false;
      res.writeHead(503, {
        'Cache-Control': 'no-store',
        'Timing-Allow-Origin': '*',
        'Server-Timing': `err;desc="handler_failed", heal;dur=${announcedMs}`,
      });
      res.end();
      return true;
    });
    const page = await openClientPage(browser, site);
    await page.evaluate(async (pictures) => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find('cat');
      if (asset === undefined) throw new Error('no asset');
      const imgs = Array.from({ length: pictures }, () => new Image(2, 2));
      document.body.style.lineHeight = '0';
      document.body.append(...imgs);
      const states = imgs.map((img, index) => {
        const states: string[] = [];
        safelight.heal(img, asset, { transformation: { width: index + 1 }, onState: (state) => states.push(state) });
        return states;
      });
      Object.assign(globalThis, { imgs, states });
      // All pictures have failed. From now on all of them are delivered.
      while (!states.every((one) => one.includes('waiting'))) await new Promise((resolve) => setTimeout(resolve, 20));
    }, pictures);
    isBroken = false;
    const firstHits = site.deliveries('cat');
    assert.equal(firstHits.length, pictures);
    const askedAt = new Map(firstHits.map(({ url, startedAt }) => [url, startedAt]));

    await page.waitForFunction(
      'globalThis.states.every((one) => one.at(-1) === "shown") && globalThis.imgs.every((img) => img.naturalWidth > 0)',
      { timeout: 45_000, polling: 200 },
    );
    const retries = site.deliveries('cat').slice(pictures);
    assert.equal(retries.length, pictures, 'one more request for each');
    assert.equal(new Set(retries.map(({ url }) => url)).size, pictures);
    for (const { url, startedAt } of retries) {
      assert.ok(startedAt - (askedAt.get(url) ?? 0) >= announcedMs, 'never before the announced time');
    }
    assert.ok(
      maxWithin(
        1_000,
        retries.map(({ startedAt }) => startedAt),
      ) <= 45,
      'at most 40 a second, give or take',
    );
    assert.equal(
      site.requests.filter(({ url }) => url.startsWith('/_safelight/why')).length,
      0,
      'nobody was asked why',
    );
  });
});

function maxWithin(ms: number, times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
}
