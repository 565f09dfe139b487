import assert from 'node:assert/strict';
import { missingService } from '../servers/missing-service.ts';
import { hasNginx, type Nginx, startNginx } from '../servers/nginx.ts';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { sha } from './sha.ts';
import { type Site, startSite } from './site.ts';
import { openUploadPage } from './upload-page.ts';

inBrowsers('an upload that is refused on its way', (browser) => {
  if (!hasNginx()) return missingService('nginx is not installed');
  let site: Site;
  let nginx: Nginx;
  let noise: Buffer;
  before(async () => {
    noise = await drawNoise(1200, 1200);
    site = await startSite({ routes: (app) => app.get('/noise.png', (_req, res) => void res.type('png').send(noise)) });
    // Everything else is as nginx has it by default; client_max_body_size is 1m.
    nginx = await startNginx(
      (port) => `server { listen 127.0.0.1:${port}; location / {
        proxy_pass ${site.origin}; proxy_http_version 1.1; proxy_set_header Host $http_host; } }`,
    );
  });
  after(async () => {
    await nginx.stop();
    await site.close();
  });
  const sentSince = (index: number, method: string) =>
    site.requests.slice(index).filter((request) => request.method === method);

  for (const isWatched of [true, false]) {
    it(`by nginx because of its size: the rest is sent in smaller parts${isWatched ? '' : ', without a listener'}`, async () => {
      const page = await openUploadPage(browser, { origin: `http://127.0.0.1:${nginx.port}` });
      const before = site.published.length;
      const from = site.requests.length;
      const outcome = await page.evaluate(async (isWatched) => {
        await sender.load('/noise.png');
        sender.start({}, isWatched);
        return sender.outcome();
      }, isWatched);
      assert.ok('url' in outcome, JSON.stringify(outcome));
      const [original, ...others] = site.published.slice(before);
      assert.equal(others.length, 0);
      assert.equal(sha(await original?.bytesOf()), sha(noise));
      assert.ok(noise.length > 2_000_000 && sentSince(from, 'POST').length >= noise.length / 1_000_000);
    });
  }

  it('by nginx, with a fixed size of parts: it says so after at most two attempts, and names chunkBytes', async () => {
    const page = await openUploadPage(browser, { origin: `http://127.0.0.1:${nginx.port}` });
    const outcome = await page.evaluate(async () => {
      await sender.load('/noise.png');
      sender.options = { chunkBytes: 2_000_000 };
      const { send } = XMLHttpRequest.prototype;
      let sent = 0;
      XMLHttpRequest.prototype.send = function count(...body) {
        sent += 1;
        send.apply(this, body);
      };
      sender.start();
      return { ...(await sender.outcome()), sent };
    });
    assert.ok('code' in outcome && outcome.sent <= 2, JSON.stringify(outcome));
    assert.ok(outcome.code === 'blocked' || outcome.status === 413, JSON.stringify(outcome));
    assert.match(outcome.message, /chunkBytes/);
  });

  it('by CORS, because of a header: it says so after two attempts', async () => {
    const page = await openUploadPage(browser, site);
    const from = site.requests.length;
    const outcome = await page.evaluate(async (endpoint) => {
      await sender.load('/noise.png');
      // With "auto", the client tries smaller parts first: a page cannot tell CORS from a size limit.
      sender.options = { endpoint, chunkBytes: 20_000_000, headers: () => ({ 'x-not-allowed': '1' }) };
      sender.start();
      return sender.outcome();
    }, site.otherOrigin);
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.equal(outcome.code, 'blocked');
    assert.match(outcome.message, /refused by CORS or by a proxy's size limit/);
    assert.equal(sentSince(from, 'POST').length, 0);
    assert.ok(sentSince(from, 'OPTIONS').length <= 2);
  });
});
