import assert from 'node:assert/strict';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { drawPicture, type Site, startSite } from './site.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { type BodyKind, openUploadPage, phaseReached } from './upload-page.ts';

inBrowsers('an upload from a page', (browser) => {
  let site: Site;
  let link: SlowLink;
  let noise: Buffer;
  before(async () => {
    noise = await drawNoise(2000, 2000);
    const small = (await drawPicture()).bytes;
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
    site.intercept(undefined);
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
  });
  const uploads = () => site.requests.filter(({ method }) => method === 'POST');

  for (const kind of ['Blob', 'File', 'ArrayBuffer', 'Uint8Array'] satisfies BodyKind[]) {
    it(`counts the bytes of a ${kind} over a slow link, and then shows the picture`, async () => {
      const page = await openUploadPage(browser, link);
      link.bytesPerSecond = 12_000_000;
      await page.evaluate(async (kind) => {
        await sender.load('/noise.png', kind);
        sender.start();
      }, kind);
      await phaseReached(page, 'processing');
      assert.equal(uploads().at(-1)?.endedAt, undefined, 'sent is not received');
      link.bytesPerSecond = Number.POSITIVE_INFINITY;
      const { outcome, told, pixels } = await page.evaluate(async () => {
        const outcome = await sender.outcome();
        const image = new Image();
        image.src = (await sender.task).url({ width: 300 });
        await image.decode();
        return { outcome, told: sender.told, pixels: [image.naturalWidth, image.naturalHeight] };
      });

      assert.ok('url' in outcome, JSON.stringify(outcome));
      assert.equal(outcome.width, 2000);
      assert.deepEqual(pixels, [300, 300]);
      assert.deepEqual([...new Set(told.map(({ phase }) => phase))], ['queued', 'sending', 'processing', 'ready']);
      const sent = told.map(({ sentBytes }) => sentBytes);
      assert.deepEqual(
        sent,
        [...sent].sort((a, b) => a - b),
        'bytes never fall',
      );
      assert.equal(
        new Set(told.map((progress) => JSON.stringify(progress))).size,
        told.length,
        'nothing is told twice',
      );
      const between = sent.filter((bytes) => bytes > 0 && bytes < noise.length);
      assert.ok(between.length >= 2, `${sent}`);
      assert.deepEqual(told.at(-1), { phase: 'ready', sentBytes: noise.length, totalBytes: noise.length });

      const request = uploads().at(-1);
      assert.ok(Number(request?.headers['content-length']) > noise.length);
      assert.equal(request?.headers['transfer-encoding'], undefined);
      const original = site.published.at(-1);
      assert.equal(original?.publicId, outcome.publicId);
      assert.equal(original?.originalFilename, kind === 'File' ? 'Holiday picture' : 'file');
      assert.ok(noise.equals((await original?.bytesOf()) ?? Buffer.of()));
    });
  }

  it('is first queued, and processing when everything was sent and no response has arrived', async () => {
    let respond: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      respond = resolve;
    });
    site.intercept(async ({ method }) => {
      if (method === 'POST') await held;
      return false;
    });
    const page = await openUploadPage(browser, site);
    const first = await page.evaluate(async () => {
      await sender.load('/small.png');
      const task = sender.start();
      return task.phase;
    });
    assert.equal(first, 'queued');
    await phaseReached(page, 'processing');
    assert.equal(uploads().at(-1)?.endedAt, undefined);
    assert.equal(await page.evaluate(() => sender.task.phase), 'processing');
    respond();
    assert.ok('url' in (await page.evaluate(() => sender.outcome())));
  });
});
