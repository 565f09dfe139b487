import assert from 'node:assert/strict';
import type { Original } from '@safelight/core';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { sha } from './sha.ts';
import { type Site, startSite } from './site.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { openUploadPage } from './upload-page.ts';

const chunkBytes = 4_000_000;

inBrowsers('a large file in parts', (browser) => {
  let site: Site;
  let link: SlowLink;
  let noise: Buffer;
  before(async () => {
    noise = await drawNoise(2000, 2000);
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

  const rangesSince = (index: number) =>
    site.requests
      .slice(index)
      .filter(({ method }) => method === 'POST')
      .map(({ headers }) => headers['content-range']);
  const assertOneIs = async (published: readonly Original[], publicId: string) => {
    const [original, ...others] = published;
    assert.deepEqual([original?.publicId, others.length], [publicId, 0]);
    assert.equal(sha(await original?.bytesOf()), sha(noise));
  };
  const total = () => noise.length;
  const range = (start: number) => `bytes ${start}-${Math.min(start + chunkBytes, total()) - 1}/${total()}`;

  it('continues after a lost connection with the lost part, and is stored once', async () => {
    const from = site.requests.length;
    const before = site.published.length;
    const page = await openUploadPage(browser, link);
    await page.evaluate(async () => void (await sender.load('/noise.png')));
    link.bytesPerSecond = 20_000_000;
    const cut = link.cutAfter(6_500_000);
    await page.evaluate((chunkBytes) => {
      sender.options = { chunkBytes };
      sender.start({ publicId: 'parts' });
    }, chunkBytes);
    await cut;
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    const { outcome, told, width } = await page.evaluate(async () => {
      const outcome = await sender.outcome();
      const image = new Image();
      image.src = (await sender.task).url({ width: 200 });
      await image.decode();
      return { outcome, told: sender.told, width: image.naturalWidth };
    });
    assert.ok('url' in outcome, JSON.stringify(outcome));
    assert.equal(width, 200);
    await assertOneIs(site.published.slice(before), 'parts');

    const ranges = rangesSince(from);
    assert.deepEqual(
      [...new Set(ranges)],
      [0, 1, 2, 3].map((part) => range(part * chunkBytes)),
    );
    assert.ok(ranges.filter((text) => text === range(chunkBytes)).length >= 2, `${ranges}`);
    assert.equal(ranges.filter((text) => text !== range(chunkBytes)).length, 3, `${ranges}`);
    // Only a repeat sets the bytes back, at most to the start of its part.
    let highest = 0;
    for (const { sentBytes } of told) {
      assert.ok(sentBytes >= Math.min(highest, chunkBytes) && sentBytes <= total(), JSON.stringify(told));
      highest = Math.max(highest, sentBytes);
    }
    assert.deepEqual(
      told.filter(({ phase }) => !/queued|sending/.test(phase)),
      ['processing', 'ready'].map((phase) => ({ phase, sentBytes: total(), totalBytes: total() })),
    );
  });

  it('whose last response is lost is stored once', async () => {
    const before = site.published.length;
    const page = await openUploadPage(browser, link);
    let lost: Promise<void> | undefined;
    site.intercept(({ headers }) => {
      if (headers['content-range'] === range(3 * chunkBytes)) lost ??= link.loseResponse();
      return false;
    });
    const outcome = await page.evaluate(async (chunkBytes) => {
      sender.options = { chunkBytes };
      await sender.load('/noise.png');
      sender.start({ publicId: 'unanswered' });
      return sender.outcome();
    }, chunkBytes);
    await lost;
    assert.ok('url' in outcome, JSON.stringify(outcome));
    assert.equal(outcome.version, site.published.at(-1)?.version);
    await assertOneIs(site.published.slice(before), 'unanswered');
  });

  it('repeats a stalled part', async () => {
    const before = site.published.length;
    const page = await openUploadPage(browser, link);
    await page.evaluate(async () => void (await sender.load('/noise.png')));
    link.stall();
    await page.evaluate(() => {
      // More than the sockets in between take at once.
      sender.options = { chunkBytes: 10_000_000 };
      sender.start({ publicId: 'still', stallTimeoutMs: 500 });
    });
    await page.waitForFunction(
      () => sender.told.some(({ sentBytes }, index) => sentBytes < (sender.told[index - 1]?.sentBytes ?? 0)),
      { timeout: 5_000 },
    );
    link.resume();
    const outcome = await page.evaluate(() => sender.outcome());
    assert.ok('url' in outcome, JSON.stringify(outcome));
    await assertOneIs(site.published.slice(before), 'still');
  });

  it('can be finished by a later page with the same key, after the first page was closed', async () => {
    const before = site.published.length;
    const start = (chunkBytes: number) => {
      sender.options = { chunkBytes };
      return sender.load('/noise.png').then(() => void sender.start({ publicId: 'later', uploadKey: 'holiday-1' }));
    };
    const first = await openUploadPage(browser, link);
    // The second part of the first page never gets further than this.
    const second = new Promise<void>((resolve) => {
      site.intercept(({ headers }, res) => {
        if (headers['content-range'] !== range(chunkBytes)) return false;
        resolve();
        return new Promise((end) => res.once('close', () => end(true)));
      });
    });
    await first.evaluate(start, chunkBytes);
    await second;
    await first.close();
    site.intercept(undefined);
    assert.deepEqual(site.published.slice(before), []);

    const later = await openUploadPage(browser, link);
    await later.evaluate(start, chunkBytes);
    const outcome = await later.evaluate(() => sender.outcome());
    assert.ok('url' in outcome, JSON.stringify(outcome));
    await assertOneIs(site.published.slice(before), 'later');
  });
});
