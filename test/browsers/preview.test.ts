import assert from 'node:assert/strict';
import sharp from 'sharp';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

const red = [255, 0, 0] as const;
const blue = [0, 0, 255] as const;

inBrowsers('a picture that is being uploaded', (browser) => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());
  afterEach(() => site.intercept(undefined));

  it('has a preview at once and is swapped without a flicker, also when its first response is an error', async () => {
    let deliveries = 0;
    site.intercept(async ({ url = '' }, res) => {
      if (/\/v1_1\//.test(url)) await new Promise((resolve) => setTimeout(resolve, 300));
      if (!url.startsWith('/demo/') || ++deliveries > 1) return false;
      res.writeHead(503, { 'Cache-Control': 'no-store', 'Server-Timing': 'err;desc="handler_failed", heal;dur=400' });
      res.end();
      return true;
    });
    const page = await openClientPage(browser, site);
    await page.setViewport({ width: 300, height: 200 });
    // The file is red and the delivered picture is blue, so that the swap can be seen.
    await page.evaluate(async () => {
      document.body.style.cssText = 'margin: 0; background: rgb(0, 255, 0)';
      const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 200 });
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      context.fillStyle = 'rgb(255, 0, 0)';
      context.fillRect(0, 0, 300, 200);
      const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
      if (file === null) throw new Error('no picture');
      const img = document.body.appendChild(Object.assign(new Image(300, 200), { alt: 'A cat' }));
      img.style.display = 'block';
      const states: string[] = [];
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' });
      const healing = safelight.heal(img, client.upload(file), {
        // A red line in the middle of blue pixels.
        transformation: [
          { width: 1, height: 200, crop: 'scale' },
          { width: 300, height: 200, crop: 'pad', background: 'blue' },
        ],
        onState: (state) => states.push(state),
      });
      Object.assign(globalThis, { img, states, healing });
    });
    await page.waitForFunction("globalThis.states.includes('preview')", { polling: 10 });

    const colours: string[] = [];
    for (let isShown = false; ; ) {
      colours.push(await colourOf(await page.screenshot({ clip: { x: 20, y: 20, width: 20, height: 20 } })));
      if (isShown) break;
      isShown = (await page.evaluate("globalThis.states.at(-1) === 'shown'")) as boolean;
    }
    assert.deepEqual(
      [...new Set(colours)],
      [String(red), String(blue)],
      'the preview, then the picture, and nothing else',
    );
    assert.ok(colours.filter((colour) => colour === String(red)).length > 2, `looked ${colours.length} times`);
    assert.equal(deliveries, 2);
    assert.deepEqual(await page.evaluate('globalThis.states'), ['preview', 'loading', 'waiting', 'shown']);
    const about = await page.evaluate('({ src: img.src, alt: img.alt, busy: img.getAttribute("aria-busy") })');
    const { src, ...rest } = about as { src: string };
    assert.match(src, /\/v\d+\//);
    assert.deepEqual(rest, { alt: 'A cat', busy: null });
  });
});

async function colourOf(screenshot: Uint8Array): Promise<string> {
  const { data } = await sharp(screenshot).removeAlpha().resize(1, 1).raw().toBuffer({ resolveWithObject: true });
  return String([...data]);
}
