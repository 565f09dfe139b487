import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { drawPicture, type Site, startSite } from './site.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { openUploadPage } from './upload-page.ts';

inBrowsers('an upload whose connection is lost', (browser) => {
  let site: Site;
  let link: SlowLink;
  let noise: Buffer;
  let small: Buffer;
  before(async () => {
    noise = await drawNoise(2000, 1500);
    small = (await drawPicture()).bytes;
    site = await startSite({
      routes(app) {
        app.get('/noise.png', (_req, res) => void res.type('png').send(noise));
        app.get('/small.png', (_req, res) => void res.type('png').send(small));
      },
    });
    link = await startSlowLink(site.origin);
  });
  after(async () => {
    await link.close();
    await site.close();
  });
  afterEach(() => {
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
  });
  const uploadsSince = (index: number) => site.requests.slice(index).filter(({ method }) => method === 'POST');
  const assertOneKey = (from: number) => {
    const keys = uploadsSince(from).map(({ headers }) => headers['idempotency-key']);
    assert.ok(keys.length >= 2 && keys[0] !== undefined, `${keys}`);
    assert.equal(new Set(keys).size, 1);
  };

  for (const watched of [true, false]) {
    const how = watched ? 'with progress' : 'without';

    it(`in the middle of the bytes is sent again and stored once, ${how}`, async () => {
      const from = site.requests.length;
      const before = site.published.length;
      const page = await openUploadPage(browser, link);
      const cut = link.cutAfter(3_000_000);
      const outcome = await page.evaluate(async (watched) => {
        await sender.load('/noise.png');
        sender.start({}, watched);
        return sender.outcome();
      }, watched);
      await cut;
      assert.ok('url' in outcome, JSON.stringify(outcome));
      assertOneKey(from);
      const [original, ...others] = site.published.slice(before);
      assert.equal(others.length, 0);
      assert.ok(noise.equals((await original?.bytesOf()) ?? Buffer.of()));
    });

    it(`after everything was sent, but before the response, gets the response and is stored once, ${how}`, async () => {
      const from = site.requests.length;
      const before = site.published.length;
      const page = await openUploadPage(browser, link);
      await page.evaluate(async () => void (await sender.load('/small.png')));
      const lost = link.loseResponse();
      const outcome = await page.evaluate(async (watched) => {
        sender.start({}, watched);
        return sender.outcome();
      }, watched);
      await lost;
      assert.ok('url' in outcome, JSON.stringify(outcome));
      assertOneKey(from);
      const published = site.published.slice(before);
      assert.deepEqual(
        published.map(({ publicId, version }) => ({ publicId, version })),
        [{ publicId: outcome.publicId, version: outcome.version }],
      );
    });
  }

  it('waits for a server that is down, and continues when it is up again', async () => {
    const before = site.published.length;
    const page = await openUploadPage(browser, link);
    await page.evaluate(async () => void (await sender.load('/small.png')));
    const tried = link.breakDown();
    await page.evaluate(() => void sender.start());
    await tried;
    link.restore();
    const outcome = await page.evaluate(() => sender.outcome());
    assert.ok('url' in outcome, JSON.stringify(outcome));
    assert.equal(site.published.length, before + 1);
  });

  it('ends with the code network when the server stays down', async () => {
    const page = await openUploadPage(browser, link);
    await page.evaluate(async () => void (await sender.load('/small.png')));
    link.breakDown();
    const outcome = await page.evaluate(() => {
      sender.start({ retries: 1 });
      return sender.outcome();
    });
    link.restore();
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.deepEqual([outcome.code, outcome.status ?? 'none', outcome.retryable], ['network', 'none', true]);
  });

  it('because there is no network continues when there is one, and does not count that as a repeat', async () => {
    const before = site.published.length;
    const page = await openUploadPage(browser, link);
    await page.evaluate(async () => void (await sender.load('/small.png')));
    await page.setOfflineMode(true);
    const from = site.requests.length;
    await tellWaiting(page);
    await page.evaluate(() => {
      sender.start({ retries: 1 });
    });
    await waitingOrOver(page);
    assert.equal(await page.evaluate(() => sender.task.phase), 'offline');
    assert.equal(uploadsSince(from).length, 0);
    // From here on the only repeat is needed.
    const tried = link.breakDown();
    await page.setOfflineMode(false);
    await tried;
    link.restore();
    const outcome = await page.evaluate(() => sender.outcome());
    assert.ok('url' in outcome, JSON.stringify(outcome));
    assert.equal(uploadsSince(from).length, 1);
    assert.equal(site.published.length, before + 1);
  });

  it('together with the network is sent again when there is one, and stored once', async () => {
    const from = site.requests.length;
    const before = site.published.length;
    const page = await openUploadPage(browser, link);
    link.bytesPerSecond = 20_000_000;
    await page.evaluate(async () => {
      await sender.load('/noise.png');
      sender.start();
    });
    await page.waitForFunction(() => sender.told.some(({ sentBytes }) => sentBytes > 0));
    await tellWaiting(page);
    await page.setOfflineMode(true);
    link.breakDown();
    link.restore();
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    await waitingOrOver(page);
    await page.setOfflineMode(false);
    const outcome = await page.evaluate(() => sender.outcome());
    assert.ok('url' in outcome, JSON.stringify(outcome));
    assertOneKey(from);
    assert.equal(site.published.length, before + 1);
  });
});

/** Makes a page report when its code begins to wait for the network. */
function tellWaiting(page: Page): Promise<void> {
  return page.evaluate(() => {
    const listen = globalThis.addEventListener;
    const waiting = new Promise<void>((resolve) => {
      const tell = (type: string, ...rest: [EventListener]): void => {
        listen.call(globalThis, type, ...rest);
        if (type === 'online') resolve();
      };
      Object.assign(globalThis, { addEventListener: tell });
    });
    Object.assign(globalThis, { waiting });
  });
}

function waitingOrOver(page: Page): Promise<void> {
  return page.evaluate(async () => {
    await Promise.race([(globalThis as unknown as { waiting: Promise<void> }).waiting, sender.outcome()]);
  });
}
