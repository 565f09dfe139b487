import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer-core';
import { inBrowsers } from '../../../test/browsers/in-browsers.ts';
import { drawNoise } from '../../../test/browsers/noise.ts';
import { drawPicture } from '../../../test/browsers/site.ts';
import type { ExampleServer } from '../../browser/test/example-server.ts';
import { startAlbum } from './album-server.ts';

inBrowsers('the album in React', (browser) => {
  let album: ExampleServer;
  let folder: string;
  let page: Page;
  let complaints: string[];

  before(async function () {
    this.timeout(60_000);
    album = await startAlbum();
    folder = await mkdtemp(join(tmpdir(), 'safelight-album-files-'));
    await writeFile(join(folder, 'red.png'), (await drawPicture({ width: 800, height: 600 })).bytes);
    await writeFile(join(folder, 'large.png'), await drawNoise(800, 600));
  });
  after(async () => {
    await album.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    page = await browser.openPage('about:blank');
    await page.setViewport({ width: 1280, height: 900 });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // Browsers report each response with an error status, and some tests make requests fail.
      const isExpected = /status of (?:50\d|403)/.test(message.text());
      if (/^(?:error|warn)/.test(message.type()) && !isExpected) complaints.push(message.text());
    });
    await page.goto(album.origin);
    await page.waitForSelector('#files');
  });
  afterEach(async () => {
    await fetch(`${album.origin}/server/up`, { method: 'PUT' });
    assert.deepEqual(complaints, []);
  });

  it('shows chosen files, the progress of each, and then the delivered pictures', async () => {
    await page.evaluate(() => {
      const seen: string[] = [];
      new MutationObserver(() => {
        for (const card of document.querySelectorAll('.cards li')) {
          const { value = 0, max = 1 } = card.querySelector('progress') ?? {};
          const { alt, src } = card.querySelector('img') ?? {};
          seen.push(`${alt} ${card.getAttribute('data-phase')} ${value / max > 0} ${src?.split(':', 1)}`);
        }
        document.body.dataset['seen'] = seen.join();
      }).observe(document.body, {
        childList: true,
        subtree: true,
        attributes: true,
        attributeFilter: ['src', 'value', 'data-phase'],
      });
    });
    await choose(page, join(folder, 'large.png'), join(folder, 'red.png'));
    await untilShown(page, 2);
    const seen = (await page.evaluate(() => document.body.dataset['seen']))?.split(',') ?? [];
    assert.ok(
      seen.some((card) => /^large.png (?:sending|processing) true /.test(card)),
      'bytes are counted',
    );
    assert.ok(
      seen.some((card) => /^large.png (?:sending|processing) \w+ blob/.test(card)),
      'the file is shown first',
    );
    const cards = await page.$$eval('.cards li', (all) =>
      all.map((card) => {
        const { alt, naturalWidth, src } = card.querySelector('img') ?? {};
        return [alt, naturalWidth, new URL(src ?? '').pathname.replace(/v\d+\/\w+/, 'v/id')];
      }),
    );
    const path = '/demo/image/upload/c_fill,h_240,w_320/v/id.png';
    assert.deepEqual(cards, [
      ['large.png', 320, path],
      ['red.png', 320, path],
    ]);
    assert.equal(await page.$eval('[role=status]', ({ textContent }) => textContent), '2 ready');
  });

  it('shows why an upload failed, and uploads the file again', async () => {
    await press(page, '#server-uploads');
    await choose(page, join(folder, 'red.png'));
    await page.waitForSelector('.cards li[data-phase=failed]');
    assert.match(await textOf(page, '.note'), /The server refuses uploads at present/);
    assert.equal(await textOf(page, '[role=status]'), '1 failed');
    await press(page, '#server-up');
    await (await actionOf(page, 'Try again')).click();
    await untilShown(page, 1);
    assert.equal(await textOf(page, '.note'), '');
  });

  it('aborts an upload, uploads it again, and removes it', async () => {
    await page.evaluate(() => {
      const cards = document.querySelector('.cards') as Element;
      const observer = new MutationObserver(() => {
        observer.disconnect();
        // As soon as the card exists, so that no response can have arrived.
        cards.querySelector<HTMLElement>('button[aria-label^="Abort"]')?.click();
      });
      observer.observe(cards, { childList: true });
    });
    await choose(page, join(folder, 'red.png'));
    await page.waitForSelector('.cards li[data-phase=aborted]');
    await (await actionOf(page, 'Try again')).click();
    await untilShown(page, 1);
    await (await actionOf(page, 'Remove')).click();
    await page.waitForFunction(() => document.querySelectorAll('.cards li').length === 0);
  });

  it('shows the file while the server makes no pictures, and the picture afterwards', async () => {
    await press(page, '#server-pictures');
    await choose(page, join(folder, 'red.png'));
    await page.waitForSelector('.cards li[data-state=waiting]');
    assert.match(await textOf(page, '.note'), /^handler_failed; next request in [1-3] s$/);
    await page.waitForFunction(() => {
      const img = document.querySelector<HTMLImageElement>('.cards img');
      return img?.src.startsWith('blob:') && img.naturalWidth > 0;
    });
    await press(page, '#server-up');
    await untilShown(page, 1);
    assert.match(await page.$eval('.cards img', ({ src }) => src), /\/v\d+\//);
  });
});

async function choose(page: Page, ...files: readonly string[]): Promise<void> {
  const input = (await page.waitForSelector('#files')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(...files);
}

/** Presses a button of the server, and waits until the server has changed. */
async function press(page: Page, selector: string): Promise<void> {
  await (await page.waitForSelector(selector))?.click();
  await page.waitForSelector(`${selector}[aria-pressed=true]`);
}

async function untilShown(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (count) => document.querySelectorAll('.cards li[data-phase=ready][data-state=shown]').length === count,
    { timeout: 30_000 },
    count,
  );
}

function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, ({ textContent }) => textContent ?? '');
}

async function actionOf(page: Page, label: string): Promise<ElementHandle<Element>> {
  const button = await page.waitForSelector(`.cards button[aria-label^="${label}"]`);
  assert.ok(button);
  return button;
}
