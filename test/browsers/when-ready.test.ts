import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { drawPicture, type Site, startSite } from './site.ts';
import { openUploadPage } from './upload-page.ts';

inBrowsers('a page that waits for the upload of another page', (browser) => {
  let site: Site;
  let asked: () => void;
  before(async () => {
    const { bytes } = await drawPicture();
    site = await startSite({
      routes: (app) => app.get('/small.png', (_req, res) => void res.type('png').send(bytes)),
    });
  });
  after(() => site.close());

  const questionsSince = (index: number) =>
    site.requests.slice(index).filter(({ url }) => url.startsWith('/_safelight/'));
  /** Resolves when the server has responded to a request for an asset. */
  const nextQuestion = () =>
    new Promise<void>((resolve) => {
      asked = resolve;
      site.intercept(({ url = '' }, res) => {
        if (url.startsWith('/_safelight/assets/')) res.once('finish', asked);
        return false;
      });
    });
  const startWaiting = (page: Page, publicId: string, count: number) =>
    page.evaluate(
      (publicId, count) => {
        const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo' });
        const waits = Array.from({ length: count }, () => client.whenReady(publicId));
        Object.assign(globalThis, { waits, isOver: false });
        Promise.allSettled(waits).then(() => Object.assign(globalThis, { isOver: true }));
      },
      publicId,
      count,
    );
  const show = (page: Page) =>
    page.evaluate(async () => {
      const { waits } = globalThis as unknown as Waiting;
      const urls = new Set((await Promise.all(waits)).map((asset) => asset.url({ width: 60 })));
      const image = new Image();
      image.src = [...urls].join();
      await image.decode();
      return image.naturalWidth;
    });

  it('gets the picture at once after the upload, and requests only its state, once for all calls', async () => {
    const from = site.requests.length;
    const uploading = await openUploadPage(browser, site);
    // The last page is in front, because Firefox has one window for all pages.
    const waiting = await openClientPage(browser, site);
    const first = nextQuestion();
    await startWaiting(waiting, 'shared', 20);
    await first;
    assert.deepEqual(site.deliveries('shared'), []);
    assert.equal(await waiting.evaluate(() => (globalThis as unknown as Waiting).isOver), false);

    const { version, endedAt } = await uploading.evaluate(async () => {
      await sender.load('/small.png');
      const asset = await sender.start({ publicId: 'shared' });
      return { version: asset.version, endedAt: Date.now() };
    });
    assert.equal(await show(waiting), 60);
    const questions = questionsSince(from);
    // The second request is sent 1 to 1.25 s after the first, the third 1.5 to 1.9 s after the second.
    const waits = questions.slice(1).map(({ startedAt }, index) => startedAt - (questions[index]?.startedAt ?? 0));
    assert.ok(waits.length >= 1 && waits.every((ms, index) => ms > 900 * 1.4 ** index), `${waits}`);
    assert.ok((questions.at(-1)?.startedAt ?? 0) - endedAt < 2_500);
    assert.deepEqual(
      site.deliveries('shared').map(({ url, status }) => [url.includes(`/v${version}/`), status]),
      [[true, 200]],
    );
  });

  it('sends no request while it is hidden, and one at once when it is visible', async () => {
    const waiting = await openClientPage(browser, site);
    const front = await browser.openBeside(waiting, `${site.origin}/page`);
    assert.equal(await waiting.evaluate(() => document.visibilityState), 'hidden');
    const from = site.requests.length;
    await startWaiting(waiting, 'behind', 1);
    await site.put('behind');
    assert.equal(questionsSince(from).length, 0);
    await front.close();
    await waiting.bringToFront();
    assert.equal(await show(waiting), 60);
    assert.equal(questionsSince(from).length, 1);
  });

  it('gets it as soon as there is a network again', async () => {
    const waiting = await openClientPage(browser, site);
    await waiting.setOfflineMode(true);
    const from = site.requests.length;
    await startWaiting(waiting, 'later', 1);
    await site.put('later');
    assert.equal(questionsSince(from).length, 0);
    await waiting.setOfflineMode(false);
    assert.equal(await show(waiting), 60);
    assert.equal(questionsSince(from).length, 1);
  });

  it('can wait for the next version of an existing asset', async () => {
    const { version } = await site.put('avatar');
    const waiting = await openClientPage(browser, site);
    const first = nextQuestion();
    await waiting.evaluate((newerThan) => {
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo' });
      Object.assign(globalThis, { waits: [client.whenReady('avatar', { newerThan })] });
    }, version);
    await first;
    const next = await site.put('avatar', { colour: 'green' });
    const found = await waiting.evaluate(async () => (await (globalThis as unknown as Waiting).waits[0])?.version);
    assert.equal(found, next.version);
  });

  it('can stop waiting: by a timeout, or by a signal', async () => {
    const from = site.requests.length;
    const waiting = await openClientPage(browser, site);
    const ends = await waiting.evaluate(async () => {
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo' });
      const late = await client.whenReady('never', { timeoutMs: 200 }).catch((error: unknown) => error);
      const controller = new AbortController();
      const reason = new Error('changed my mind');
      const aborting = client.whenReady('never', { signal: controller.signal }).catch((error: unknown) => error);
      controller.abort(reason);
      return { code: (late as { code: string }).code, isReason: (await aborting) === reason };
    });
    assert.deepEqual(ends, { code: 'not_ready_in_time', isReason: true });
    assert.ok(questionsSince(from).length <= 2);
    assert.deepEqual(site.deliveries('never'), []);
  });
});

interface Waiting {
  readonly waits: readonly ReturnType<import('@safelight/client').Client['whenReady']>[];
  readonly isOver: boolean;
}
