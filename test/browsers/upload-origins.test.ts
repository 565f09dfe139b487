import assert from 'node:assert/strict';
import { inBrowsers } from './in-browsers.ts';
import { drawPicture, type SeenRequest, type Site, startSite } from './site.ts';
import { openUploadPage } from './upload-page.ts';

inBrowsers('uploads of one page', (browser) => {
  let site: Site;
  before(async () => {
    const { bytes } = await drawPicture();
    site = await startSite({
      routes: (app) => app.get('/small.png', (_req, res) => void res.type('png').send(bytes)),
    });
  });
  after(() => site.close());
  const sendingSince = (index: number) =>
    site.requests.slice(index).filter(({ method }) => method === 'POST' || method === 'OPTIONS');

  it('send three at a time, in their order; the others are queued', async () => {
    let atOnce = 0;
    const seen: number[] = [];
    const waiting: (() => void)[] = [];
    const isFull = new Promise<void>((resolve) => {
      site.intercept(async ({ method }, res) => {
        if (method !== 'POST') return false;
        seen.push(++atOnce);
        res.once('finish', () => atOnce--);
        // The first three are delayed, so that a fourth request would arrive if the client sent it.
        if (seen.length === 3) resolve();
        if (seen.length <= 3) await new Promise<void>((go) => waiting.push(go));
        return false;
      });
    });
    const from = site.requests.length;
    const page = await openUploadPage(browser, site);
    await page.evaluate(async () => {
      const picture = (await sender.load('/small.png')) as Blob;
      const client = safelight.createClient({
        endpoint: location.origin,
        cloudName: 'demo',
        uploadPreset: 'browser',
        concurrency: 3,
      });
      const files = Array.from({ length: 12 }, (_, index) => new File([picture], `${index}.png`));
      Object.assign(globalThis, { tasks: client.uploadAll(files, { onProgress: () => undefined }) });
    });
    await isFull;
    const phases = await page.evaluate(() => (globalThis as unknown as Tasks).tasks.map(({ phase }) => phase));
    assert.deepEqual(
      phases.slice(3),
      Array.from({ length: 9 }, () => 'queued'),
    );
    for (const go of waiting) go();
    const outcomes = await page.evaluate(() => Promise.all((globalThis as unknown as Tasks).tasks.map(sender.outcome)));
    site.intercept(undefined);

    assert.ok(outcomes.every((outcome) => 'url' in outcome));
    assert.equal(sendingSince(from).length, 12);
    assert.equal(Math.max(...seen), 3);
    assert.equal(new Set(outcomes.map((outcome) => 'url' in outcome && outcome.url)).size, 12);
  });

  it('to their own origin need no preflight', async () => {
    const from = site.requests.length;
    const page = await openUploadPage(browser, site);
    await page.evaluate(async () => {
      await sender.load('/small.png');
      await sender.start();
    });
    assert.deepEqual(sendingSince(from).map(methodAndStatus), ['POST 200']);
  });

  it('to another origin do not need a preflight each time, and their pictures are shown', async () => {
    const from = site.requests.length;
    const page = await openUploadPage(browser, site);
    const width = await page.evaluate(async (endpoint) => {
      sender.options = { endpoint };
      await sender.load('/small.png');
      for (let count = 0; count < 4; count++) await sender.start();
      // This upload has no progress, so it is sent by fetch. The server still has to allow its key.
      await sender.start({}, false);
      const image = new Image();
      image.src = (await sender.task).url({ width: 120 });
      await image.decode();
      return image.naturalWidth;
    }, site.otherOrigin);
    assert.equal(width, 120);
    const sequence = sendingSince(from).map(methodAndStatus);
    assert.equal(sequence.filter((line) => line === 'POST 200').length, 5);
    // Firefox caches the result of a preflight only from the third one on.
    const preflights = sequence.filter((line) => line === 'OPTIONS 204').length;
    assert.ok(preflights >= 1 && preflights <= (browser.name === 'Chromium' ? 1 : 3), `${sequence}`);
    assert.deepEqual(sequence.slice(-2), ['POST 200', 'POST 200']);
    assert.ok(sendingSince(from).every(({ server, headers }) => server === 1 && headers.origin === site.origin));
  });

  it('have the message of a server of another origin', async () => {
    const page = await openUploadPage(browser, site);
    const outcome = await page.evaluate(async (endpoint) => {
      sender.options = { endpoint, uploadPreset: 'none' };
      await sender.load('/small.png');
      sender.start();
      return sender.outcome();
    }, site.otherOrigin);
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.deepEqual([outcome.code, outcome.status], ['rejected', 400]);
    assert.match(outcome.message, /400: Upload preset not found\./);
  });
});

interface Tasks {
  readonly tasks: readonly import('@safelight/client').UploadTask[];
}

function methodAndStatus({ method, status }: SeenRequest): string {
  return `${method} ${status}`;
}
