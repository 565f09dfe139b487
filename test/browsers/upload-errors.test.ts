import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import type { Page } from 'puppeteer-core';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { drawPicture, type Site, startSite } from './site.ts';
import { type Outcome, openUploadPage } from './upload-page.ts';

inBrowsers('an error status of an upload', (browser) => {
  let site: Site;
  before(async () => {
    const [noise, { bytes: small }] = await Promise.all([drawNoise(2000, 1500), drawPicture()]);
    site = await startSite({
      cloud: { maxUploadBytes: 1_000_000 },
      routes(app) {
        app.get('/noise.png', (_req, res) => void res.type('png').send(noise));
        app.get('/small.png', (_req, res) => void res.type('png').send(small));
      },
    });
  });
  after(() => site.close());
  afterEach(() => site.intercept(undefined));
  const sendSmall = async (): Promise<Outcome> => {
    const page = await openUploadPage(browser, site);
    return page.evaluate(async () => {
      await sender.load('/small.png');
      sender.start();
      return sender.outcome();
    });
  };
  const uploadsSince = (index: number) => site.requests.slice(index).filter(({ method }) => method === 'POST');

  it('400: with the message of the server', async () => {
    const page = await openUploadPage(browser, site);
    await page.evaluate(() => {
      sender.options = { uploadPreset: 'none' };
    });
    for (const outcome of await sendBothWays(page, '/small.png')) {
      assert.ok('code' in outcome, JSON.stringify(outcome));
      assert.deepEqual([outcome.name, outcome.code, outcome.status], ['SafelightError', 'rejected', 400]);
      assert.equal(outcome.retryable, false);
      assert.match(
        outcome.message,
        /^POST http:.*\/demo\/auto\/upload failed with status 400: Upload preset not found\./,
      );
    }
  });

  it('401: with a hint of the options to check', async () => {
    const page = await openUploadPage(browser, site);
    await page.evaluate(() => {
      sender.options = { sign: async () => ({ signature: 'ab', timestamp: 1, apiKey: '1234' }) };
    });
    for (const outcome of await sendBothWays(page, '/small.png')) {
      assert.ok('code' in outcome, JSON.stringify(outcome));
      assert.deepEqual([outcome.code, outcome.status, outcome.retryable], ['rejected', 401, false]);
      assert.match(
        outcome.message,
        /Invalid Signature ab\. .*Check endpoint, cloudName, uploadPreset, sign and headers/,
      );
    }
  });

  it('413: also when the response arrives while the body is still being sent', async () => {
    const page = await openUploadPage(browser, site);
    for (const outcome of await sendBothWays(page, '/noise.png')) {
      assert.ok('code' in outcome, JSON.stringify(outcome));
      assert.deepEqual([outcome.code, outcome.status, outcome.retryable], ['rejected', 413, false]);
      assert.match(
        outcome.message,
        /File size too large\. At most 1000000 bytes .* Send a smaller file, raise the limit/,
      );
    }
  });

  it('422 and 500: one request each, because they are final', async () => {
    const page = await openUploadPage(browser, site);
    for (const [status, retryable] of [
      [422, false],
      [500, true],
    ] as const) {
      const from = site.requests.length;
      site.intercept(async (req, res) => {
        if (req.method !== 'POST') return false;
        await buffer(req);
        res.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"Not today"}}');
        return true;
      });
      for (const outcome of await sendBothWays(page, '/small.png')) {
        assert.ok('code' in outcome, JSON.stringify(outcome));
        assert.deepEqual([outcome.code, outcome.status, outcome.retryable], ['rejected', status, retryable]);
        assert.match(outcome.message, / Not today\.$/);
      }
      assert.equal(uploadsSince(from).length, 2);
    }
  });

  it('502, 503 and 504 without Retry-After: repeated with the same key, and the file is stored once', async () => {
    const from = site.requests.length;
    const before = site.published.length;
    const statuses = [502, 503, 504];
    site.intercept(async (req, res) => {
      const status = req.method === 'POST' ? statuses.shift() : undefined;
      if (status === undefined) return false;
      await buffer(req);
      res.writeHead(status).end('<html>');
      return true;
    });
    const outcome = await sendSmall();
    assert.ok('url' in outcome, JSON.stringify(outcome));
    const uploads = uploadsSince(from);
    assert.deepEqual(
      uploads.map(({ status }) => status),
      [502, 503, 504, 200],
    );
    assert.equal(new Set(uploads.map(({ headers }) => headers['idempotency-key'])).size, 1);
    assert.equal(site.published.length, before + 1);
  });

  it('503 with Retry-After: one more request with the same key, and the file is stored once', async () => {
    const from = site.requests.length;
    const before = site.published.length;
    let refusals = 0;
    site.intercept(async (req, res) => {
      if (req.method !== 'POST' || refusals++ > 0) return false;
      await buffer(req);
      res.writeHead(503, { 'retry-after': '1', 'content-type': 'application/json' }).end('{}');
      return true;
    });
    const outcome = await sendSmall();
    assert.ok('url' in outcome, JSON.stringify(outcome));
    const [first, second, ...others] = uploadsSince(from);
    assert.deepEqual([first?.status, second?.status, others.length], [503, 200, 0]);
    assert.ok(first?.headers['idempotency-key']);
    assert.equal(first.headers['idempotency-key'], second?.headers['idempotency-key']);
    assert.ok((second?.startedAt ?? 0) - (first.endedAt ?? 0) >= 990);
    assert.equal(site.published.length, before + 1);
  });

  it('503 with a long Retry-After: rejects at once, with the time', async () => {
    site.intercept(async (req, res) => {
      if (req.method !== 'POST') return false;
      await buffer(req);
      res.writeHead(503, { 'retry-after': '120' }).end();
      return true;
    });
    const from = site.requests.length;
    const outcome = await sendSmall();
    assert.ok('code' in outcome, JSON.stringify(outcome));
    assert.deepEqual([outcome.status, outcome.retryable, outcome.retryAfterMs], [503, true, 120_000]);
    assert.equal(uploadsSince(from).length, 1);
  });
});

/** The same upload with and without progress, because the client sends them in different ways. */
function sendBothWays(page: Page, path: string): Promise<readonly Outcome[]> {
  return page.evaluate(async (path) => {
    await sender.load(path);
    const watched = await sender.outcome(sender.start());
    return [watched, await sender.outcome(sender.start({}, false))];
  }, path);
}
