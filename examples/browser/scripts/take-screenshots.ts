import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Page } from 'puppeteer-core';
import sharp from 'sharp';
import { startGallery } from '../test/gallery-server.ts';

/** Takes the screenshots of the documentation: `node scripts/take-screenshots.ts [path of Chromium]`. */
const [executablePath = '/usr/bin/chromium'] = process.argv.slice(2);
const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const desktop = { width: 1280, height: 740 } as const;
const phone = { width: 390, height: 844 } as const;

async function take(page: Page, name: string): Promise<void> {
  const png = await page.screenshot({ captureBeyondViewport: false });
  await sharp(png).png({ palette: true, effort: 10 }).toFile(`${folder}browser-${name}.png`);
  console.log(`docs/images/browser-${name}.png`);
}

/** Waits until the tiles have these states, in this order. */
async function until(page: Page, ...states: readonly string[]): Promise<void> {
  await page.waitForFunction(
    (expected) => {
      const tiles = [...document.querySelectorAll<HTMLElement>('#gallery li')];
      return tiles.map(({ dataset }) => dataset['state']).join() === expected;
    },
    {},
    states.join(),
  );
}

await mkdir(folder, { recursive: true });
const gallery = await startGallery();
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
try {
  const page = await browser.newPage();
  await page.setViewport(desktop);
  await page.goto(gallery.origin);
  await page.waitForSelector('#lab');
  await take(page, 'empty');

  const slow = { offline: false, latency: 20, download: 200_000, upload: 50_000 };
  await page.emulateNetworkConditions(slow);
  await page.click('#samples');
  await page.waitForFunction(() => [...document.querySelectorAll('progress')].some(({ value }) => value > 0.4));
  await page.mouse.move(0, 0);
  await take(page, 'uploading');
  await page.emulateNetworkConditions(null);
  await until(page, 'shown', 'shown', 'shown');

  await page.click('#lab');
  await page.click('#samples');
  await until(page, 'waiting', 'waiting', 'waiting', 'shown', 'shown', 'shown');
  await page.mouse.move(0, 0);
  await take(page, 'held');

  await page.click('#lab');
  await until(page, 'shown', 'shown', 'shown', 'shown', 'shown', 'shown');
  await page.waitForFunction(() => [...document.querySelectorAll('.note')].every(({ textContent }) => textContent));
  await page.mouse.move(0, 0);
  await take(page, 'healed');

  await page.click('#early-ask');
  await page.waitForFunction(() => document.querySelector('#early .note')?.textContent?.includes('cached for'));
  await page.click('#early button[aria-label^="Upload it"]');
  await page.waitForSelector('#early li[data-state="waiting"] + li[data-state="shown"]');
  await page.evaluate(() => document.querySelector('#early-ask')?.closest('section')?.scrollIntoView());
  await page.mouse.move(0, 0);
  await take(page, 'early');

  await page.evaluate(() => document.querySelector<HTMLElement>('#why button')?.click());
  await page.waitForSelector('#explanation:not([hidden])');
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  await take(page, 'explained-dark');

  await page.setViewport({ ...phone, deviceScaleFactor: 1 });
  await page.evaluate(() => scrollTo(0, 330));
  await take(page, 'phone');
} finally {
  await browser.close();
  await gallery.close();
}
