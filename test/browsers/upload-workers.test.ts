import assert from 'node:assert/strict';
import type { UploadProgress } from '@safelight/client';
import { inBrowsers } from './in-browsers.ts';
import { drawNoise } from './noise.ts';
import { type Site, startSite } from './site.ts';
import { type SlowLink, startSlowLink } from './slow-link.ts';
import { openUploadPage } from './upload-page.ts';

/** The script of both kinds of workers, which posts the outcome. */
interface Report {
  readonly told: readonly UploadProgress[];
  readonly url: string;
  readonly isFound: boolean;
  readonly hasXhr: boolean;
  readonly hasPreview: boolean;
  readonly abortedWith: string;
}

const workerScript = `
import { createClient } from '/client.js';
const client = createClient({ endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' });
addEventListener('message', ({ data: { body, publicId }, ports: [port] }) => {
  const told = [];
  const run = async () => {
    const task = client.upload(body, { publicId, onProgress: (progress) => told.push(progress) });
    const hasPreview = task.preview !== undefined;
    const asset = await task;
    const found = await client.whenReady(asset.publicId);
    const stopped = client.upload(body, { signal: AbortSignal.abort('stopped') });
    return {
      told,
      url: asset.url({ width: 80 }),
      isFound: found.version === asset.version,
      hasXhr: typeof XMLHttpRequest === 'function',
      hasPreview,
      abortedWith: await stopped.catch(String),
    };
  };
  run().then((report) => port.postMessage(report), (error) => port.postMessage({ error: String(error) }));
});
`;

inBrowsers('an upload from a worker', (browser) => {
  let site: Site;
  let link: SlowLink;
  let noise: Buffer;
  before(async () => {
    noise = await drawNoise(2000, 2000);
    site = await startSite({
      routes(app) {
        app.get('/noise.png', (_req, res) => void res.type('png').send(noise));
        app.get('/worker.js', (_req, res) => void res.type('js').send(workerScript));
      },
    });
    link = await startSlowLink(site.origin);
  });
  after(async () => {
    await link.close();
    await site.close();
  });

  it('of a page: with bytes, by its own XMLHttpRequest', async () => {
    const page = await openUploadPage(browser, link);
    link.bytesPerSecond = 12_000_000;
    const report = await page.evaluate(async () => {
      const worker = new Worker('/worker.js', { type: 'module' });
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ body: await sender.load('/noise.png'), publicId: 'from-worker' }, [port2]);
      return new Promise<Report>((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message } as never);
      });
    });
    assert.ok('told' in report, JSON.stringify(report));
    const { told, url, isFound, hasXhr, hasPreview, abortedWith } = report;
    assert.deepEqual([isFound, hasXhr, hasPreview, abortedWith], [true, true, true, 'stopped']);
    assert.deepEqual([...new Set(told.map(({ phase }) => phase))], ['queued', 'sending', 'processing', 'ready']);
    const between = told.filter(({ sentBytes }) => sentBytes > 0 && sentBytes < noise.length);
    assert.ok(between.length >= 2, JSON.stringify(told));
    await assertShown(url, 'from-worker');
  });

  it('of the site (a service worker), which has no XMLHttpRequest: by fetch, with phases and without bytes', async () => {
    const page = await openUploadPage(browser, link);
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    const report = await page.evaluate(async () => {
      const { serviceWorker } = navigator;
      const { active } = await serviceWorker.register('/worker.js', { type: 'module' }).then(() => serviceWorker.ready);
      const { port1, port2 } = new MessageChannel();
      active?.postMessage({ body: await sender.load('/noise.png'), publicId: 'from-site-worker' }, [port2]);
      return new Promise<Report>((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
      });
    });
    assert.ok('told' in report, JSON.stringify(report));
    const { told, url, isFound, hasXhr, hasPreview, abortedWith } = report;
    assert.deepEqual([isFound, hasXhr, hasPreview, abortedWith], [true, false, false, 'stopped']);
    assert.deepEqual(
      told.map(({ phase, sentBytes }) => [phase, sentBytes]),
      [
        ['queued', 0],
        ['sending', 0],
        ['ready', noise.length],
      ],
    );
    await assertShown(url, 'from-site-worker');
  });

  async function assertShown(url: string, publicId: string): Promise<void> {
    const response = await fetch(url);
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/png']);
    await response.body?.cancel();
    const [original, ...others] = site.published.filter((candidate) => candidate.publicId === publicId);
    assert.equal(others.length, 0);
    assert.ok(noise.equals((await original?.bytesOf()) ?? Buffer.of()));
  }
});
