import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { sha } from './sha.ts';
import { type Site, startSite } from './site.ts';
import { openUploadPage } from './upload-page.ts';

const chunkBytes = 1_000_000;

inBrowsers('an upload that continues after a reload', (browser) => {
  let site: Site;
  let noise: Buffer;
  before(async () => {
    noise = await drawNoise(1200, 1000);
    site = await startSite({ routes: (app) => app.get('/noise.png', (_req, res) => void res.type('png').send(noise)) });
  });
  after(() => site.close());
  afterEach(() => site.intercept(undefined));
  const sentRanges = () =>
    site.requests.flatMap(({ method, headers, status }) =>
      method === 'POST' && status === 200 ? [headers['content-range'] ?? ''] : [],
    );

  it('sends only the parts that the server does not have, and is stored once', async () => {
    let posts = 0;
    site.intercept(async (req, res) => {
      if (req.method !== 'POST' || ++posts !== 3) return false;
      await buffer(req);
      res.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"Not today"}}');
      return true;
    });
    const page = await openUploadPage(browser, site);
    const uploadKey = await page.evaluate(async (chunkBytes) => {
      await sender.load('/noise.png');
      sender.options = { chunkBytes };
      return sender.start().then(
        () => 'it must fail',
        (error: { uploadKey: string }) => error.uploadKey,
      );
    }, chunkBytes);
    assert.match(uploadKey, /^\d+(-\d+){3}$/);
    const before = sentRanges();
    assert.deepEqual(
      before,
      [0, 1].map((part) => range(part, noise.length)),
    );

    // A new page has nothing but the key and the same file.
    const reloaded = await openUploadPage(browser, site);
    const { outcome, first } = await reloaded.evaluate(
      async (uploadKey, chunkBytes) => {
        await sender.load('/noise.png');
        sender.options = { chunkBytes };
        sender.start({ uploadKey });
        const outcome = await sender.outcome();
        return { outcome, first: sender.told.find(({ phase }) => phase === 'sending')?.sentBytes };
      },
      uploadKey,
      chunkBytes,
    );
    assert.ok('url' in outcome, JSON.stringify(outcome));
    assert.equal(first, 2 * chunkBytes);
    const count = Math.ceil(noise.length / chunkBytes);
    assert.deepEqual(
      sentRanges(),
      Array.from({ length: count }, (_, part) => range(part, noise.length)),
    );
    const [original, ...others] = site.published;
    assert.equal(others.length, 0);
    assert.equal(sha(await original?.bytesOf()), sha(noise));
    assert.ok(site.requests.every(({ url }) => !url.includes(uploadKey)));
  });
});

function range(part: number, total: number): string {
  return `bytes ${part * chunkBytes}-${Math.min((part + 1) * chunkBytes, total) - 1}/${total}`;
}
