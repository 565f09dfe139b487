import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

const photos = 120;
const maxBlockMs = 100;

inBrowsers('previews of photos', (browser) => {
  let site: Site;
  let page: Page;
  before(async function () {
    this.timeout(60_000);
    const photo = await drawPhoto();
    const turned = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(drawTurned));
    site = await startSite({
      routes(app) {
        app.get('/photo.jpg', (_req, res) => void res.type('jpg').send(photo));
        app.get('/turned/:orientation', (req, res) => {
          res.type('jpg').send(turned[Number(req.params.orientation) - 1]);
        });
      },
    });
  });
  after(() => site.close());
  beforeEach(async () => {
    page = await openClientPage(browser, site);
    // No upload ends, so all pictures are previews.
    site.intercept(({ url = '' }) => (url.includes('/v1_1/') ? new Promise(() => {}) : false));
    await page.evaluate(definePreviews);
  });

  it(`of ${photos} files of 12 megapixels never block the page for ${maxBlockMs} ms, and only near ones are drawn`, async function () {
    this.timeout(120_000);
    const longest = await page.evaluate(async (photos) => {
      const files = await previews.files('/photo.jpg', photos);
      const blocked = await previews.watchBlocks();
      const imgs = files.map((file) => previews.start(file, 'width: 200px; height: 150px; display: block'));
      // Those in the window, at least.
      const near = imgs.filter((img) => img.getBoundingClientRect().top < innerHeight);
      while (!near.every(({ naturalWidth }) => naturalWidth)) await new Promise((done) => setTimeout(done, 100));
      return blocked();
    }, photos);
    assert.ok(longest < maxBlockMs, `blocked for ${longest} ms`);
    const { widths, far } = await page.evaluate(() => {
      const imgs = [...document.querySelectorAll('img')];
      const far = imgs.filter((img) => img.getBoundingClientRect().top > innerHeight + 500);
      const widths = [...new Set(imgs.map(({ naturalWidth }) => naturalWidth))].sort();
      return { widths, far: far.map(({ naturalWidth }) => naturalWidth) };
    });
    assert.deepEqual(widths, [0, 200]);
    assert.ok(far.length > photos / 2 && far.every((width) => width === 0), `${far}`);
  });

  it('have the orientation of the photo, in each of its eight values', async () => {
    const seen = await page.evaluate(async () => {
      const corners: unknown[] = [];
      for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const img = await previews.shown(`/turned/${orientation}`, 'width: 150px; display: block');
        corners.push([img.naturalWidth, img.naturalHeight, ...previews.corners(img)]);
      }
      return corners;
    });
    const upright = [150, 200, 'red', 'lime', 'blue', 'black'];
    assert.deepEqual(
      seen,
      Array.from({ length: 8 }, () => upright),
    );
  });

  it('are the file itself when it cannot be copied, and nothing when it is not a picture', async () => {
    const seen = await page.evaluate(async () => {
      const svg =
        '<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="3000"><rect width="9" height="9"/></svg>';
      const text = previews.start(new Blob(['no picture'], { type: 'image/jpeg' }));
      const vector = previews.start(new Blob([svg], { type: 'image/svg+xml' }));
      while (!vector.naturalWidth) await new Promise((done) => setTimeout(done, 20));
      Reflect.deleteProperty(globalThis, 'createImageBitmap');
      const photo = await previews.shown('/photo.jpg', 'width: 200px; height: 150px');
      return [vector.naturalWidth > 0, text.hasAttribute('src'), photo.naturalWidth];
    });
    assert.deepEqual(seen, [true, false, 4000]);
  });

  it('have no more pixels than the file, and do not need a size of the element', async () => {
    const widths = await page.evaluate(async () => {
      const unsized = await previews.shown('/turned/1', '');
      const wide = await previews.shown('/turned/1', 'width: 3000px');
      return [unsized.naturalWidth === Math.min(innerWidth, 900), wide.naturalWidth];
    });
    assert.deepEqual(widths, [true, 900]);
  });
});

interface Previews {
  files(url: string, count: number): Promise<readonly File[]>;
  start(file: Blob, style?: string): HTMLImageElement;
  /** Resolves with an element that shows the preview. */
  shown(url: string, style: string): Promise<HTMLImageElement>;
  /**
   * Measures how long the page is blocked. A worker of the page is measured, too: when it had to wait at the same time,
   * the computer was busy, and not the page.
   */
  watchBlocks(): Promise<() => Promise<number>>;
  corners(img: HTMLImageElement): readonly string[];
}

declare global {
  // The global of the page, for functions that run in `page.evaluate`.
  var previews: Previews;
}

/** Runs in the page. */
function definePreviews(): void {
  const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' });
  globalThis.previews = {
    async files(url, count) {
      const bytes = await (await fetch(url)).arrayBuffer();
      return Array.from({ length: count }, () => new File([bytes], 'photo.jpg', { type: 'image/jpeg' }));
    },
    start(file, style = '') {
      const img = document.body.appendChild(new Image());
      img.style.cssText = style;
      safelight.heal(img, client.upload(file));
      return img;
    },
    async shown(url, style) {
      const [file = new File([], '')] = await this.files(url, 1);
      document.body.replaceChildren();
      const img = this.start(file, style);
      while (!img.naturalWidth) await new Promise((done) => setTimeout(done, 20));
      await img.decode();
      return img;
    },
    async watchBlocks() {
      const script = `const ticks = []; setInterval(() => ticks.push(Date.now()), 5);
        onmessage = () => postMessage(ticks); postMessage([]);`;
      const worker = new Worker(URL.createObjectURL(new Blob([script])));
      const message = () =>
        new Promise<readonly number[]>((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
        });
      await message();
      const ticks: number[] = [];
      const timer = setInterval(() => ticks.push(Date.now()), 5);
      const gapsOf = (times: readonly number[]) =>
        times.slice(1).map((until, index) => ({ from: times[index] ?? until, until }));
      return async () => {
        clearInterval(timer);
        worker.postMessage('');
        const others = gapsOf(await message());
        const blocks = gapsOf(ticks).map(({ from, until }) => {
          const waits = others.map((other) => Math.min(other.until, until) - Math.max(other.from, from));
          return until - from - Math.max(0, ...waits);
        });
        return Math.max(...blocks);
      };
    },
    corners(img) {
      const { naturalWidth: width, naturalHeight: height } = img;
      const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
      context?.drawImage(img, 0, 0);
      const names = ['black', 'blue', 'lime', '3', 'red'];
      return [0.1, 0.9].flatMap((y) =>
        [0.1, 0.9].map((x) => {
          const [r = 0, g = 0, b = 0] = context?.getImageData(x * width, y * height, 1, 1).data ?? [];
          return names[(r > 128 ? 4 : 0) + (g > 128 ? 2 : 0) + (b > 128 ? 1 : 0)] ?? 'other';
        }),
      );
    },
  };
}

/** A JPEG of 4000 x 3000 pixels with as many details as a photo. */
async function drawPhoto(): Promise<Buffer> {
  const raw = { width: 1000, height: 750, channels: 3 } as const;
  return sharp(randomBytes(1000 * 750 * 3), { raw })
    .resize(4000, 3000)
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** Upright, it has 900 x 1200 pixels, and the corners are red, lime, blue and black. */
async function drawTurned(orientation: number): Promise<Buffer> {
  const corner = (colour: string) => ({
    input: { create: { width: 450, height: 600, channels: 3 as const, background: colour } },
  });
  const upright = await sharp({ create: { width: 900, height: 1200, channels: 3, background: 'black' } })
    .composite([
      { ...corner('red'), left: 0, top: 0 },
      { ...corner('lime'), left: 450, top: 0 },
      { ...corner('blue'), left: 0, top: 600 },
    ])
    .png()
    .toBuffer();
  // The stored pixels are turned the other way than the value says.
  const stored = sharp(upright);
  if ([2, 5, 7, 4].includes(orientation)) stored.flop();
  stored.rotate({ 1: 0, 2: 0, 3: 180, 4: 180, 5: 270, 6: 270, 7: 90, 8: 90 }[orientation] ?? 0);
  return sharp(await stored.png().toBuffer())
    .withMetadata({ orientation })
    .jpeg({ chromaSubsampling: '4:4:4' })
    .toBuffer();
}
