import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer, { type ElementHandle } from 'puppeteer-core';
import { startAlbum } from '../test/album-server.ts';

/** Takes docs/images/react-album.png: four pictures that are shown, one that was refused and one that waits. */

const names = ['dawn', 'noon', 'dusk', 'night', 'fog', 'rain'] as const;
const folder = await mkdtemp(join(tmpdir(), 'safelight-album-pictures-'));
const files = await Promise.all(names.map((name, index) => drawScene(name, index)));
const album = await startAlbum();
const executablePath = process.env['SAFELIGHT_CHROMIUM'] ?? '/usr/bin/chromium';
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 1180 });
  await page.goto(album.origin);
  const add = async (state: string, chosen: readonly string[], selector: string): Promise<void> => {
    await page.click(`#server-${state}`);
    await page.waitForSelector(`#server-${state}[aria-pressed=true]`);
    const input = (await page.waitForSelector('#files')) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...chosen);
    await page.waitForFunction(
      (wanted, count) => document.querySelectorAll(wanted).length === count,
      { timeout: 60_000 },
      selector,
      chosen.length,
    );
  };
  await add('up', files.slice(0, 4), 'li[data-state=shown]');
  await add('uploads', files.slice(4, 5), 'li[data-phase=failed]');
  await add('pictures', files.slice(5), 'li[data-state=waiting]');
  await page.screenshot({ path: fileURLToPath(new URL('../../../docs/images/react-album.png', import.meta.url)) });
} finally {
  await browser.close();
  await album.close();
  await rm(folder, { recursive: true });
}

/** Hills under a sky, as an SVG. */
async function drawScene(name: string, index: number): Promise<string> {
  const hue = 10 + index * 47;
  const ridges = [0, 1, 2, 3].map((ridge) => {
    const y = 460 + ridge * 90;
    const path = `M0 ${y} Q 200 ${y - 130 + index * 18} 480 ${y - 20} T 900 ${y - 60} T 1200 ${y} V800 H0 Z`;
    return `<path d="${path}" fill="hsl(${hue + 20} 45% ${36 - ridge * 8}%)"/>`;
  });
  const sky = `<stop offset="0" stop-color="hsl(${hue} 55% 24%)"/><stop offset="1" stop-color="hsl(${hue + 40} 75% 66%)"/>`;
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800">' +
    `<linearGradient id="sky" x2="0" y2="1">${sky}</linearGradient><rect width="1200" height="800" fill="url(#sky)"/>` +
    `<circle cx="${320 + index * 110}" cy="${300 - index * 20}" r="80" fill="hsl(${hue + 55} 95% 84%)"/>${ridges.join('')}</svg>`;
  const path = join(folder, `${name}.svg`);
  await writeFile(path, svg);
  return path;
}
