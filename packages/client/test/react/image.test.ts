import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { inBrowsers } from '../../../../test/browsers/in-browsers.ts';
import type { Site } from '../../../../test/browsers/site.ts';
import { reactVersions } from './react-bundle.ts';
import { openReactPage, startReactSite } from './react-page.ts';
import { holdUploads, refuseUploads } from './site-uploads.ts';

for (const version of reactVersions) {
  inBrowsers(`SafelightImage in React ${version}`, (browser) => {
    let site: Site;
    let page: Page;
    let complaints: readonly string[];
    before(async () => {
      site = await startReactSite(version);
      const colours = { red: '#ff0000', blue: '#0000ff' };
      for (const [id, colour] of Object.entries(colours)) await site.put(id, { width: 300, height: 200, colour });
    });
    after(() => site.close());
    beforeEach(async () => {
      site.intercept(undefined);
      ({ page, complaints } = await openReactPage(browser, site));
    });
    afterEach(() => {
      assert.deepEqual(complaints, []);
    });

    it('shows the file of an upload, then the delivered picture after one request', async () => {
      const publicId = `uploaded-${version}`;
      await page.evaluate(async (publicId) => {
        const file = await draw('a.png');
        showImage({ source: client.upload(file, { publicId }), className: 'round', id: 'cat' });
      }, publicId);
      await untilStates(page, 'preview', 'loading', 'shown');
      const shown = await page.$eval('#app > img', ({ src, srcset, alt, width, height, className, id }) => {
        return { src, srcset, alt, width, height, className, id };
      });
      assert.match(shown.src, new RegExp(`/w_150/v\\d+/${publicId}\\.png$`));
      assert.match(shown.srcset, / 150w, .* 300w$/);
      assert.deepEqual(
        { ...shown, src: '', srcset: '' },
        { src: '', srcset: '', alt: 'A cat', width: 150, height: 100, className: 'round', id: 'cat' },
      );
      assert.equal(site.deliveries(publicId).length, 1);
    });

    it('continues in the same element, and with one request, when the upload becomes its asset', async () => {
      const publicId = `becomes-${version}`;
      await page.evaluate(async (publicId) => {
        const task = client.upload(await draw('a.png'), { publicId });
        showImage({ source: task });
        document.querySelector('img')?.setAttribute('data-first', 'true');
        const source = await task;
        showImage({ source });
      }, publicId);
      await untilState(page, 'shown');
      assert.deepEqual(
        await page.$$eval('#app > img', (all) =>
          all.map(({ dataset, naturalWidth }) => [dataset['first'], naturalWidth > 0]),
        ),
        [['true', true]],
      );
      assert.equal(site.deliveries(publicId).length, 1);
    });

    it('never shows the picture of one asset with the text of another one', async () => {
      await page.evaluate(async () => {
        showImage({ source: await client.find('red'), alt: 'Red' });
      });
      await untilState(page, 'shown');
      const seen = await page.evaluate(async () => {
        const blue = await client.find('blue');
        const failing = client.upload(new Blob());
        failing.catch(() => undefined);
        const look = () => {
          const img = document.querySelector('img');
          return [
            img?.alt,
            /red|blue/.exec(img?.currentSrc || img?.src || '')?.[0],
            img?.complete && img.naturalWidth > 0,
          ];
        };
        const looks = [look()];
        for (const props of [
          { source: blue, alt: 'Blue' },
          { source: failing, alt: 'None' },
          { source: undefined, alt: '' },
        ]) {
          showImage(props);
          looks.push(look());
        }
        return looks;
      });
      const nothing = [undefined, false];
      assert.deepEqual(
        seen.map((look) => look.map((value) => value ?? undefined)),
        [
          ['Red', 'red', true],
          // The browser may have nothing to show yet, but it does not show the red picture.
          ['Blue', 'blue', seen[1]?.[2]],
          ['None', ...nothing],
          ['', ...nothing],
        ],
      );
      assert.equal(await page.$eval('img', (img) => img.hasAttribute('src')), false);
    });

    it('shows the old version of an asset until the new one is loaded', async () => {
      const publicId = `versions-${version}`;
      await site.put(publicId, { width: 300, height: 200 });
      await page.evaluate(async (id) => showImage({ source: await client.find(id) }), publicId);
      await untilState(page, 'shown');
      await page.$eval('img', (img) => img.setAttribute('data-first', 'true'));
      const old = await page.$eval('img', ({ src }) => src);
      await site.put(publicId, { width: 300, height: 200, colour: '#00ff00' });
      const during = await page.evaluate(async (id) => {
        states.length = 0;
        showImage({ source: await client.find(id) });
        const { src = '', naturalWidth = 0 } = document.querySelector('img') ?? {};
        return { src, isPainted: naturalWidth > 0 };
      }, publicId);
      assert.deepEqual(during, { src: old, isPainted: true });
      await untilState(page, 'shown');
      const [src, first] = await page.$eval('img', (img) => [img.src, img.dataset['first']]);
      assert.notEqual(src, old);
      assert.equal(first, 'true');
    });

    it('shows the file of a failed upload until a retry has succeeded', async () => {
      refuseUploads(site);
      await page.evaluate(async () => {
        const file = await draw('a.png');
        const retry = () => showImage({ source: client.upload(file) });
        Object.assign(globalThis, { retry });
        retry();
      });
      await untilState(page, 'gave-up');
      assert.match((await page.evaluate(() => states.at(-1)?.error)) ?? '', /Not today/);
      const before = await page.$eval('img', ({ src, naturalWidth }) => [src.slice(0, 5), naturalWidth > 0]);
      assert.deepEqual(before, ['blob:', true]);
      site.intercept(undefined);
      const held = holdUploads(site);
      const isPainted = await page.evaluate(() => {
        const img = document.querySelector('img') as HTMLImageElement;
        new MutationObserver(() => {
          if (!img.hasAttribute('src')) img.dataset['wasEmpty'] = 'true';
        }).observe(img, { attributeFilter: ['src'] });
        states.length = 0;
        (globalThis as unknown as { retry: () => void }).retry();
        return img === document.querySelector('img') && img.naturalWidth > 0;
      });
      assert.equal(isPainted, true);
      await held.arrived(1);
      held.release();
      await untilState(page, 'shown');
      const { src, ...rest } = await page.$eval('img', ({ src, alt, dataset }) => ({ src, alt, ...dataset }));
      assert.match(src, /\/v\d+\//);
      assert.deepEqual(rest, { alt: 'A cat' }, 'the element was never empty');
    });

    it('starts again for other options, but not for equal ones', async () => {
      await page.evaluate(async () => {
        const source = await client.find('red');
        const show = (width: number) => showImage({ source, width, transformation: { angle: 180 } });
        Object.assign(globalThis, { show });
        show(150);
      });
      await untilStates(page, 'loading', 'shown');
      await page.evaluate('show(150); show(150)');
      await untilStates(page, 'loading', 'shown');
      await page.evaluate('show(100)');
      await untilStates(page, 'loading', 'shown', 'loading', 'shown');
      assert.deepEqual(
        await page.$eval('img', ({ src, width, height }) => [/[^/]+\/[^/]+(?=\/v)/.exec(src)?.[0], width, height]),
        ['a_180/w_100', 100, 67],
      );
    });

    it('gives its element to the ref, and the next one after another picture', async () => {
      const seen = await page.evaluate(async () => {
        const [red, blue] = [await client.find('red'), await client.find('blue')];
        const ref = { current: null as HTMLImageElement | null };
        const isShown = () => ref.current !== null && ref.current === document.querySelector('#app > img');
        showImage({ source: red, ref } as object);
        const [first, before] = [ref.current, isShown()];
        showImage({ source: blue, ref } as object);
        const result = [before, isShown(), first === ref.current];
        root.unmount();
        return [...result, ref.current === null];
      });
      assert.deepEqual(seen, [true, true, false, true]);
    });

    it('requests a picture that failed once more, and reports a failure that waiting cannot help', async () => {
      let failures = 1;
      site.intercept((req, res) => {
        if (!/red|blue/.test(req.url ?? '') || !req.url?.startsWith('/demo/') || failures-- <= 0) return false;
        res.writeHead(503, { 'Server-Timing': 'err;desc="handler_failed", heal;dur=300', 'Cache-Control': 'no-store' });
        res.end();
        return true;
      });
      const before = site.deliveries('red').length;
      await page.evaluate(async () => showImage({ source: await client.find('red') }));
      await untilStates(page, 'loading', 'waiting', 'shown');
      assert.equal(site.deliveries('red').length - before, 2);
      await page.evaluate(async () => {
        states.length = 0;
        showImage({ source: await client.find('blue'), crop: 'fil' } as object);
      });
      await untilState(page, 'gave-up');
      assert.match((await page.evaluate(() => states.at(-1)?.error)) ?? '', /crop is "fil"/);
      await page.evaluate(async () => {
        states.length = 0;
        showImage({ source: await client.find('blue') });
      });
      await untilState(page, 'shown');
      await page.evaluate(() => retryPicture());
      await untilStates(page, 'loading', 'shown', 'loading', 'shown');
    });

    it('stops when it is removed: nothing is requested and nothing is reported', async () => {
      site.intercept((req, res) => {
        if (!req.url?.startsWith('/demo/')) return false;
        res.writeHead(503, { 'Server-Timing': 'err;desc="handler_failed", heal;dur=100', 'Cache-Control': 'no-store' });
        res.end();
        return true;
      });
      await page.evaluate(async () => showImage({ source: await client.find('red') }));
      await untilState(page, 'waiting');
      const requests = site.deliveries('red').length;
      const reports = await page.evaluate(() => {
        root.unmount();
        return states.length;
      });
      // The next request would have come after a tenth of a second.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
      assert.deepEqual([site.deliveries('red').length, await page.evaluate(() => states.length)], [requests, reports]);
    });

    it('takes over the element that a server has rendered', async () => {
      const asset = await page.evaluate(async () => JSON.stringify(await client.find('red')));
      const html = await page.evaluate(async () => {
        const { React, createRoot, flushSync, imageOf } = inReact;
        const holder = document.createElement('div');
        const source = await client.find('red');
        flushSync(() =>
          createRoot(holder).render(
            React.createElement(React.StrictMode, null, imageOf({ source, onState: undefined })),
          ),
        );
        return holder.innerHTML;
      });
      const before = site.deliveries('red').length;
      await page.evaluate(
        async (html, asset) => {
          const { React, hydrateRoot, imageOf } = inReact;
          const holder = document.querySelector('#app') as Element;
          holder.innerHTML = html;
          Object.assign(globalThis, { rendered: holder.querySelector('img') });
          const source = client.asset(JSON.parse(asset));
          root = hydrateRoot(holder, React.createElement(React.StrictMode, null, imageOf({ source })));
        },
        html,
        asset,
      );
      await untilStates(page, 'loading', 'shown');
      assert.equal(await page.evaluate("document.querySelector('#app > img') === rendered"), true);
      assert.ok(site.deliveries('red').length - before <= 1);
    });
  });
}

async function untilState(page: Page, state: string): Promise<void> {
  await page.waitForFunction((wanted) => states.at(-1)?.state === wanted, { timeout: 30_000, polling: 20 }, state);
}

/** Waits until the reports are exactly these. */
async function untilStates(page: Page, ...wanted: readonly string[]): Promise<void> {
  await untilState(page, wanted.at(-1) ?? '').catch(() => undefined);
  assert.deepEqual(await page.evaluate(() => states.map(({ state }) => state)), wanted);
}
