import assert from 'node:assert/strict';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { drawPicture, type Site, startSite } from './site.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { openUploadPage } from './upload-page.ts';

inBrowsers('an upload that is aborted', (browser) => {
  let site: Site;
  let link: SlowLink;
  /** The next upload has arrived at the server, or its client has closed the connection. */
  let hasArrived: Promise<void>;
  let hasLeft: Promise<void>;
  let published: number;
  before(async () => {
    const [noise, { bytes: small }] = await Promise.all([drawNoise(2000, 1500), drawPicture()]);
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
  beforeEach(() => {
    link.bytesPerSecond = 4_000_000;
    published = site.published.length;
    let arrive: () => void = () => undefined;
    let leave: () => void = () => undefined;
    hasArrived = new Promise((resolve) => {
      arrive = resolve;
    });
    hasLeft = new Promise((resolve) => {
      leave = resolve;
    });
    site.intercept(({ method }, res) => {
      if (method === 'POST') {
        res.once('close', leave);
        arrive();
      }
      return false;
    });
  });

  const assertNothingLeft = async () => {
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    await hasLeft;
    const request = site.requests.findLast(({ method }) => method === 'POST');
    assert.equal(request?.isBroken, true);
    assert.equal(site.published.length, published);
  };

  for (const watched of [true, false]) {
    it(`by its signal ends the connection and rejects with the signal's reason, ${watched ? 'by XMLHttpRequest' : 'by fetch'}`, async () => {
      const page = await openUploadPage(browser, link);
      await page.evaluate(async (watched) => {
        const controller = new AbortController();
        Object.assign(globalThis, { controller });
        const { signal } = controller;
        await sender.load('/noise.png');
        sender.start({ signal }, watched);
      }, watched);
      await hasArrived;
      const seen = await page.evaluate(async () => {
        const reason = new RangeError('changed my mind');
        (globalThis as unknown as { controller: AbortController }).controller.abort(reason);
        const caught = await sender.task.catch((error: unknown) => error);
        return { isSame: caught === reason, phase: sender.task.phase, last: sender.told.at(-1)?.phase ?? 'nothing' };
      });
      assert.deepEqual(seen, { isSame: true, phase: 'aborted', last: watched ? 'aborted' : 'nothing' });
      await assertNothingLeft();
    });
  }

  it('by task.abort() after some bytes ends the connection too, and rejects with an AbortError', async () => {
    const page = await openUploadPage(browser, link);
    const outcome = await page.evaluate(async () => {
      await sender.load('/noise.png');
      const task = sender.start();
      for await (const { sentBytes, phase } of task) {
        if (phase === 'sending' && sentBytes > 0) task.abort();
      }
      return { ...(await sender.outcome()), phases: sender.told.map(({ phase }) => phase) };
    });
    assert.ok('name' in outcome);
    assert.equal(outcome.name, 'AbortError');
    assert.equal(outcome.phases.at(-1), 'aborted');
    assert.ok(!outcome.phases.includes('processing'));
    await assertNothingLeft();
  });

  it('while it waits for its turn is never sent; the next one is sent', async () => {
    site.intercept(undefined);
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    const from = site.requests.length;
    const page = await openUploadPage(browser, link);
    const phases = await page.evaluate(async () => {
      const picture = await sender.load('/small.png');
      const client = safelight.createClient({
        endpoint: location.origin,
        cloudName: 'demo',
        uploadPreset: 'browser',
        concurrency: 1,
      });
      const tasks = client.uploadAll([picture, picture, picture]);
      tasks[1]?.abort();
      await Promise.allSettled(tasks);
      return tasks.map(({ phase }) => phase);
    });
    assert.deepEqual(phases, ['ready', 'aborted', 'ready']);
    assert.equal(site.requests.slice(from).filter(({ method }) => method === 'POST').length, 2);
  });
});
