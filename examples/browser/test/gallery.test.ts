import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUploader, signAt } from '@safelight/client/upload';
import type { ElementHandle, Page } from 'puppeteer-core';
import { inBrowsers } from '../../../test/browsers/in-browsers.ts';
import { drawPicture } from '../../../test/browsers/site.ts';
import type { ExampleServer } from './example-server.ts';
import { startGallery } from './gallery-server.ts';

inBrowsers('the gallery', (browser) => {
  let gallery: ExampleServer;
  let folder: string;
  let page: Page;
  let complaints: string[];

  before(async function () {
    this.timeout(30_000);
    gallery = await startGallery({ BACKOFF_MS: '5000' });
    folder = await mkdtemp(join(tmpdir(), 'safelight-gallery-files-'));
    await writeFile(join(folder, 'red.png'), (await drawPicture({ width: 800, height: 600 })).bytes);
    await writeFile(join(folder, 'notes.txt'), 'These are no pixels.');
  });
  after(async () => {
    await gallery.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    page = await browser.openPage(gallery.origin);
    // Pictures far outside of the window are not requested again.
    await page.setViewport({ width: 1280, height: 900 });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // Browsers report every picture that fails, and some tests make pictures fail. Chromium also reports each read of
      // its cache by `why` that finds no response.
      const isExpected = /status of (?:50\d|40[04])|ERR_CACHE_MISS/.test(message.text());
      if (message.type() === 'error' && !isExpected) complaints.push(message.text());
    });
    await page.waitForSelector('#lab');
  });
  async function requestCount(path: string): Promise<{ readonly times: number; readonly unchanged: number }> {
    return (await fetch(`${gallery.origin}/requests?path=${path}`)).json();
  }
  afterEach(() => {
    assert.deepEqual(complaints, []);
  });

  it('uploads a chosen file and shows it after one request', async () => {
    await choose(page, join(folder, 'red.png'));
    await untilShown(page, 1);
    // The page asks the server for the number of requests after the picture is shown.
    await page.waitForFunction(() => document.querySelector('#gallery .note')?.textContent !== '');
    const tile = await page.$eval('#gallery li', (li) => ({
      text: [...li.querySelectorAll('.name, .badge, .note')].map((part) => part.textContent).join(' '),
      width: li.querySelector('img')?.naturalWidth,
      alt: li.querySelector('img')?.alt,
      src: li.querySelector('img')?.src,
    }));
    assert.match(tile.text, /red\.png shown requested once/);
    assert.deepEqual([tile.alt, tile.width], ['red.png', 320]);
    assert.match(tile.src ?? '', /\/demo\/image\/upload\/c_fill,h_240,w_320\/v\d+\/\w+\.png$/);
  });

  it('signs the uploads of its page only, and has no unsigned ones', async () => {
    const picture = (await drawPicture()).bytes;
    const options = { endpoint: gallery.origin, cloudName: 'demo' };
    const sign = signAt(`${gallery.origin}/sign`);
    const upload = createUploader({ ...options, sign });
    await assert.rejects(upload(picture, { publicId: 'sample', overwrite: false }), {
      status: 403,
      message: /Parameter public_id is "sample"/,
    });
    await assert.rejects(createUploader({ ...options, uploadPreset: 'gallery' })(picture), { status: 400 });
    assert.match((await upload(picture)).publicId, /^\w{20}$/);
  });

  it('shows the phase of each upload, and sends an aborted file again', async () => {
    await page.evaluate(() => {
      const gallery = document.querySelector('#gallery') as Element;
      const seen = new Set<string>();
      let isAborted = false;
      new MutationObserver(() => {
        for (const badge of gallery.querySelectorAll('.badge')) seen.add(badge.textContent ?? '');
        document.body.dataset['seen'] = [...seen].join();
        // As soon as the tiles exist, so that no response can have arrived.
        if (!isAborted) gallery.querySelector<HTMLElement>('li:last-child button[aria-label^="Abort"]')?.click();
        isAborted = true;
      }).observe(gallery, { childList: true, subtree: true });
    });
    await press(page, '#samples');
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('#gallery li')].map((li) => li.getAttribute('data-state')).join() ===
        'shown,shown,gave-up',
    );
    assert.equal(await page.$eval('#gallery li:last-child .note', (note) => note.textContent), 'Aborted');
    await (await actionOf(page, 'Try again')).click();
    await untilShown(page, 3);
    const seen = await page.evaluate(() => document.body.dataset['seen']?.split(',') ?? []);
    for (const phase of ['queued', 'sending', 'processing', 'shown']) assert.ok(seen.includes(phase), `${seen}`);
  });

  it('shows previews while the lab is down, and pictures after one more request each when it is up', async () => {
    await press(page, '#lab');
    await page.waitForFunction(() => document.querySelector('#lab')?.textContent === 'Is down');
    await press(page, '#samples');
    await page.waitForFunction(() => document.querySelectorAll('#gallery li[data-state=waiting]').length === 3);
    const waiting = await page.$$eval('#gallery li', (all) =>
      all.map((li) => [li.querySelector('.note')?.textContent, (li.querySelector('img')?.naturalWidth ?? 0) > 0]),
    );
    for (const [note, hasPixels] of waiting) {
      assert.match(String(note), /^handler_failed; next request in [1-5] s$/);
      assert.equal(hasPixels, true);
    }
    await press(page, '#lab');
    await untilShown(page, 3);
    await page.waitForFunction(
      () =>
        document.querySelectorAll('.note').length === 3 &&
        [...document.querySelectorAll('.note')].every((note) => note.textContent === 'requested 2 times'),
    );
  });

  it('shows a picture that was requested too early after one more request, and at once by its version', async () => {
    await press(page, '#early-ask');
    await untilNotes(page, /^missing_original is cached for [1-5] s more; requested once$/, /^It has no URL/);
    assert.deepEqual(await page.$$eval('#early img', (all) => all.map((img) => img.naturalWidth)), [320, 0]);
    const placeholder = await pixelsOf(page, '#early li:nth-child(1) img');

    await (await page.waitForSelector('#early button[aria-label^="Upload it"]'))?.click();
    await untilNotes(
      page,
      /^Uploaded, but the response was missing_original; next request in \d+ s$/,
      /^Shown \d+ ms after/,
    );
    const [plainPath = '', versionedPath = ''] = await page.$$eval('#early img', (all) =>
      all.map((img) => new URL(img.src).pathname),
    );
    assert.match(plainPath, /^\/demo\/image\/upload\/c_fill,h_240,w_320\/early-\w+\.png$/);
    assert.equal(versionedPath, plainPath.replace('320/', `320/${/v\d+\//.exec(versionedPath)?.[0]}`));
    assert.equal(await pixelsOf(page, '#early li:nth-child(1) img'), placeholder);

    await untilNotes(page, /^Shown; requested 2 times(?:, revalidated once)?$/, /requested once$/);
    const picture = await pixelsOf(page, '#early li:nth-child(2) img');
    assert.notEqual(picture, placeholder);
    assert.equal(await pixelsOf(page, '#early li:nth-child(1) img'), picture);
    // The response of this URL may change, so the browser may revalidate it when the picture is swapped in.
    const { times, unchanged } = await requestCount(plainPath);
    assert.deepEqual([times - unchanged, unchanged <= 1], [2, true]);
  });

  it('shows the stored pictures when the page is reloaded', async () => {
    await press(page, '#samples');
    await untilShown(page, 3);
    await page.reload();
    await untilShown(page, 3);
    await (await actionOf(page, 'Remove')).click();
    await page.reload();
    await untilShown(page, 2);
  });

  it('explains a URL that fails and one that delivers, without a request for them', async () => {
    await (await page.waitForSelector('#why button'))?.click();
    assert.match(await explanation(page), /-> 404 {3}\[missing_original\][\s\S]*fix now/);
    await choose(page, join(folder, 'red.png'));
    await untilShown(page, 1);
    await (await actionOf(page, 'Why?')).click();
    await page.waitForFunction(() => document.querySelector('#explanation')?.textContent?.includes('[ok]'));
    const path = await page.$eval('#gallery img', (img) => new URL(img.src).pathname);
    assert.deepEqual(await requestCount(path), { times: 1, unchanged: 0 });
  });

  it('reports the error of a file that is not a picture, and can remove it', async () => {
    await choose(page, join(folder, 'notes.txt'));
    await page.waitForFunction(() => document.querySelector('#gallery li')?.getAttribute('data-state') === 'gave-up');
    const note = await page.$eval('.note', (element) => element.textContent);
    assert.match(note ?? '', /failed with status 400: .*image/i);
    await (await actionOf(page, 'Remove')).click();
    assert.equal((await page.$$('#gallery li')).length, 0);
  });

  it('can be used with the keyboard alone', async () => {
    const reached: string[] = [];
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => document.activeElement?.id || (document.activeElement?.textContent ?? '')),
      );
    }
    assert.deepEqual(reached, ['files', 'samples', 'lab', 'early-ask', 'url', 'Explain']);
    await page.keyboard.press('Enter');
    assert.match(await explanation(page), /missing_original/);
    await page.focus('#samples');
    await page.keyboard.press('Enter');
    await untilShown(page, 3);
  });
});

async function choose(page: Page, file: string): Promise<void> {
  const input = (await page.waitForSelector('#files')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(file);
}

async function press(page: Page, selector: string): Promise<void> {
  await (await page.waitForSelector(selector))?.click();
}

async function untilShown(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (count) =>
      document.querySelectorAll('#gallery li').length === count &&
      document.querySelectorAll('#gallery li[data-state=shown]').length === count,
    { timeout: 20_000 },
    count,
  );
}

/** Waits for the notes of the two cards of the picture that was requested too early. */
async function untilNotes(page: Page, plain: RegExp, versioned: RegExp): Promise<void> {
  await page.waitForFunction(
    (...patterns) => {
      const notes = [...document.querySelectorAll('#early .note')].map(({ textContent }) => textContent ?? '');
      return patterns.every((pattern, index) => new RegExp(pattern).test(notes[index] ?? ''));
    },
    { timeout: 20_000 },
    plain.source,
    versioned.source,
  );
}

/** The painted pixels, to compare them. */
function pixelsOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (img) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    canvas.getContext('2d')?.drawImage(img as HTMLImageElement, 0, 0);
    return canvas.toDataURL();
  });
}

async function actionOf(page: Page, label: string): Promise<ElementHandle<Element>> {
  const button = await page.waitForSelector(`#gallery button[aria-label^="${label}"]`);
  assert.ok(button);
  return button;
}

async function explanation(page: Page): Promise<string> {
  await page.waitForFunction(() => (document.querySelector('#explanation')?.textContent ?? '').length > 0);
  return page.$eval('#explanation', (element) => element.textContent ?? '');
}
