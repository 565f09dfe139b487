import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { pictureScene } from './picture-scene.ts';
import { drawPicture } from './site.ts';

const pictures = 60;
/** Long enough for a request that should not be sent. */
const quietMs = 700;

inBrowsers('an <img loading="lazy">', (browser) => {
  const scene = pictureScene(browser);

  /** Adds pictures of one size each, below each other, and returns the widths that the server was asked for. */
  async function requestedWidths(how: 'native' | 'heal'): Promise<readonly string[]> {
    const page = await openClientPage(browser, scene.site);
    const from = scene.site.deliveries(scene.id).length;
    await page.evaluate(
      async (id, how, pictures) => {
        const place = { endpoint: location.origin, cloudName: 'demo' };
        const asset = await safelight.createClient(place).find(id);
        if (asset === undefined) throw new Error('no asset');
        for (let width = 100; width < 100 + pictures; width++) {
          const img = Object.assign(new Image(600, 400), { loading: 'lazy' });
          img.style.display = 'block';
          document.body.append(img);
          if (how === 'native') img.src = asset.url({ width });
          else safelight.heal(img, asset, { transformation: { width } });
        }
      },
      scene.id,
      how,
      pictures,
    );
    let counted = -1;
    while (counted !== scene.site.deliveries(scene.id).length) {
      counted = scene.site.deliveries(scene.id).length;
      await sleep(quietMs);
    }
    return scene.site
      .deliveries(scene.id)
      .slice(from)
      .map(({ url }) => /w_\d+/.exec(url)?.[0] ?? url)
      .sort();
  }

  it(`is requested when the browser would request it: as many of ${pictures} as without heal`, async () => {
    const native = await requestedWidths('native');
    assert.ok(native.length > 0 && native.length < pictures / 2, `${native.length} native requests`);
    assert.deepEqual(await requestedWidths('heal'), native);
  });

  it('is shown when the page is scrolled to it, and healed when it fails then', async () => {
    let failures = 0;
    scene.site.intercept(({ url = '' }, res) => {
      if (!url.startsWith('/demo/') || failures > 0) return false;
      failures++;
      res.writeHead(503, { 'Cache-Control': 'no-store', 'Server-Timing': 'err;desc="handler_failed", heal;dur=300' });
      res.end();
      return true;
    });
    await startFarAway(scene.page, scene.id, 20_000);
    await sleep(quietMs);
    assert.deepEqual([scene.site.deliveries(scene.id).length, await scene.page.evaluate('states')], [0, ['loading']]);
    await scene.page.evaluate('img.scrollIntoView()');
    await scene.page.waitForFunction("states.at(-1) === 'shown'", { timeout: 30_000, polling: 20 });
    assert.deepEqual(await scene.page.evaluate('[states, img.naturalWidth]'), [['loading', 'waiting', 'shown'], 300]);
    assert.equal(scene.site.deliveries(scene.id).length, 2);
  });

  it('is not requested in another size while it is far away', async () => {
    await startFarAway(scene.page, scene.id, 0);
    await scene.page.waitForFunction("states.at(-1) === 'shown'", { timeout: 30_000, polling: 20 });
    await scene.page.evaluate(async () => {
      Object.assign(document.body.style, { marginTop: '20000px' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { img, asset, states } = globalThis as never as FarAway;
      safelight.heal(img, asset, { transformation: { width: 200 }, onState: (state) => states.push(state) });
    });
    await sleep(quietMs);
    assert.deepEqual([scene.site.deliveries(scene.id).length, await scene.page.evaluate('img.naturalWidth')], [1, 300]);
    await scene.page.evaluate('img.scrollIntoView()');
    await scene.page.waitForFunction('img.naturalWidth === 200', { timeout: 30_000, polling: 20 });
    assert.equal(scene.site.deliveries(scene.id).length, 2);
  });

  it('is not requested after its upload while it is far away', async () => {
    const { bytes } = await drawPicture({ width: 400, height: 300 });
    await scene.page.evaluate(
      async (base64, id) => {
        const file = await (await fetch(`data:image/png;base64,${base64}`)).blob();
        const place = { endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' };
        const task = safelight.createClient(place).upload(file, { publicId: `${id}-up` });
        const img = document.body.appendChild(Object.assign(new Image(600, 400), { loading: 'lazy' }));
        img.style.cssText = 'display: block; margin-top: 20000px';
        Object.assign(globalThis, { img });
        safelight.heal(img, task, { transformation: { width: 300 } });
        await task;
      },
      bytes.toString('base64'),
      scene.id,
    );
    await sleep(quietMs);
    assert.equal(scene.site.deliveries(`${scene.id}-up`).length, 0);
    await scene.page.evaluate('img.scrollIntoView()');
    await scene.page.waitForFunction('img.naturalWidth === 300', { timeout: 30_000, polling: 20 });
    assert.equal(scene.site.deliveries(`${scene.id}-up`).length, 1);
  });
});

interface FarAway {
  readonly img: HTMLImageElement;
  readonly asset: Parameters<typeof safelight.heal>[1];
  readonly states: string[];
}

function startFarAway(page: Page, id: string, distance: number): Promise<void> {
  return page.evaluate(
    async (id, distance) => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find(id);
      if (asset === undefined) throw new Error('no asset');
      const img = document.body.appendChild(Object.assign(new Image(600, 400), { loading: 'lazy' }));
      img.style.cssText = `display: block; margin-top: ${distance}px`;
      const states: string[] = [];
      safelight.heal(img, asset, { transformation: { width: 300 }, onState: (state) => states.push(state) });
      Object.assign(globalThis, { img, asset, states });
    },
    id,
    distance,
  );
}
