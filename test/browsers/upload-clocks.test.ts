import assert from 'node:assert/strict';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { type Site, startSite } from './site.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { openUploadPage, phaseReached } from './upload-page.ts';

inBrowsers('the timeouts of an upload', (browser) => {
  let site: Site;
  let link: SlowLink;
  before(async () => {
    const noise = await drawNoise(2000, 2000);
    site = await startSite({ routes: (app) => app.get('/noise.png', (_req, res) => void res.type('png').send(noise)) });
    link = await startSlowLink(site.origin);
  });
  after(async () => {
    await link.close();
    await site.close();
  });
  afterEach(() => {
    link.resume();
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    site.intercept(undefined);
  });

  it('do not end it while bytes are sent, for any total time', async () => {
    const page = await openUploadPage(browser, link);
    link.bytesPerSecond = 4_000_000;
    await page.evaluate(async () => {
      const times: number[] = [];
      Object.assign(globalThis, { times });
      await sender.load('/noise.png');
      sender.start({
        stallTimeoutMs: 1_000,
        onProgress: (progress) => {
          sender.told.push(progress);
          times.push(performance.now());
        },
      });
    });
    await phaseReached(page, 'processing');
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    const { outcome, sendingMs } = await page.evaluate(async () => {
      const { times } = globalThis as unknown as { times: readonly number[] };
      return { outcome: await sender.outcome(), sendingMs: (times.at(-2) ?? 0) - (times[0] ?? 0) };
    });
    assert.ok('url' in outcome, JSON.stringify(outcome));
    assert.ok(sendingMs > 1_000, `${sendingMs}`);
  });

  it('end it as stalled when no byte is sent', async () => {
    const page = await openUploadPage(browser, link);
    const before = site.published.length;
    await page.evaluate(async () => void (await sender.load('/noise.png')));
    link.stall();
    const { outcome, told, ms } = await page.evaluate(async () => {
      const startedAt = performance.now();
      sender.start({ stallTimeoutMs: 600 });
      const outcome = await sender.outcome();
      return { outcome, told: sender.told, ms: performance.now() - startedAt };
    });
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.deepEqual([outcome.code, outcome.retryable], ['stalled', true]);
    assert.match(outcome.message, /The upload sent no byte for 600 ms\./);
    assert.deepEqual([...new Set(told.map(({ phase }) => phase))], ['queued', 'sending', 'failed']);
    assert.ok(ms >= 600, `${ms}`);
    // A browser that has told of no progress yet may have told of none at all.
    const { sentBytes = 0, totalBytes = 0 } = told.at(-1) ?? {};
    assert.ok(sentBytes < totalBytes, `${sentBytes} of ${totalBytes}`);
    assert.equal(site.published.length, before);
  });

  it('end it as not_ready_in_time when everything was sent and no response arrives', async () => {
    const page = await openUploadPage(browser, site);
    site.intercept(({ method }) => (method === 'POST' ? new Promise(() => undefined) : false));
    const outcome = await page.evaluate(async () => {
      sender.loaded = ((await sender.load('/noise.png')) as Blob).slice(0, 10_000);
      sender.start({ stallTimeoutMs: 300, readyTimeoutMs: 600 });
      return sender.outcome();
    });
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.deepEqual([outcome.code, outcome.retryable], ['not_ready_in_time', true]);
  });
});
