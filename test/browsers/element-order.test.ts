import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'puppeteer-core';
import { root } from '../architecture/source-files.ts';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

inBrowsers('<safelight-img>, in any order of its definition and its values', (browser) => {
  let site: Site;
  let page: Page;
  before(async function () {
    this.timeout(60_000);
    const react = await bundleReact();
    site = await startSite({ routes: (app) => app.get('/react.js', (_req, res) => void res.type('js').send(react)) });
    await site.put('cat', { width: 300, height: 200 });
    await site.put('dog', { width: 500, height: 400 });
  });
  after(() => site.close());
  beforeEach(async () => {
    page = await openClientPage(browser, site);
    await page.evaluate(defineOrders);
  });

  const cases: readonly (readonly [title: string, run: () => Promise<unknown>])[] = [
    [
      'properties before the definition',
      async () => {
        const element = orders.add();
        Object.assign(element, { source: await orders.find('cat'), alt: 'A cat', loading: 'eager' });
        orders.define();
        return orders.shown(element);
      },
    ],
    [
      'properties before the definition, outside of the page',
      async () => {
        const element = document.createElement('safelight-img');
        Object.assign(element, { asset: await orders.find('cat'), alt: 'A cat', loading: 'eager' });
        orders.define();
        document.body.append(element);
        return orders.shown(element);
      },
    ],
    [
      'attributes before the definition',
      async () => {
        const element = orders.add();
        element.setAttribute('asset', JSON.stringify(await orders.find('cat')));
        element.setAttribute('alt', 'A cat');
        element.setAttribute('loading', 'eager');
        orders.define();
        return orders.shown(element);
      },
    ],
    [
      'a reference as a property, and attributes, after the definition',
      async () => {
        orders.define();
        const element = orders.add();
        element.asset = JSON.parse(JSON.stringify(await orders.find('cat')));
        element.setAttribute('alt', 'A cat');
        element.setAttribute('loading', 'eager');
        return orders.shown(element);
      },
    ],
    [
      'JSON as a property, and an attribute that is not JSON',
      async () => {
        orders.define();
        const element = orders.add();
        element.setAttribute('asset', '[object Object]');
        await orders.until(element, 'gave-up invalid_asset_ref');
        element.asset = JSON.stringify(await orders.find('cat'));
        element.alt = 'A cat';
        element.loading = 'eager';
        return orders.shown(element);
      },
    ],
    [
      'React 19 before the definition, with the reference as JSON',
      async () => {
        const element = await orders.render({ asset: JSON.stringify(await orders.find('cat')), alt: 'A cat' });
        element.loading = 'eager';
        orders.define();
        return orders.shown(element);
      },
    ],
    [
      'React 19 after the definition, with an asset',
      async () => {
        orders.define();
        return orders.shown(await orders.render({ asset: await orders.find('cat'), alt: 'A cat', loading: 'eager' }));
      },
    ],
  ];
  for (const [title, run] of cases) {
    it(`shows its picture: ${title}`, async () => {
      assert.deepEqual(await page.evaluate(run), [300, 'A cat', 'eager']);
    });
  }

  it('follows every property, and has their values', async () => {
    const seen = await page.evaluate(async () => {
      orders.define();
      const cat = await orders.find('cat');
      const element = orders.add();
      Object.assign(element, { asset: cat, width: 150, alt: 'A cat' });
      const first = await orders.shown(element);
      const values = [element.width, element.getAttribute('width'), element.crop, element.asset === cat];
      Object.assign(element, { source: await orders.find('dog'), width: 100, alt: 'A dog' });
      const second = await orders.shown(element);
      element.width = null;
      element.alt = undefined;
      await orders.shown(element);
      const img = element.querySelector('img');
      return [first, values, second, img?.getAttribute('alt'), img?.getAttribute('width'), element.hasAttribute('alt')];
    });
    assert.deepEqual(seen, [[150, 'A cat', null], ['150', '150', null, true], [100, 'A dog', null], null, null, false]);
  });

  it('shows nothing when its source becomes undefined or wrong', async () => {
    const seen = await page.evaluate(async () => {
      orders.define();
      const element = Object.assign(orders.add(), { source: await orders.find('cat'), alt: 'A cat' });
      const sources: unknown[] = [];
      for (const source of [undefined, null, 'cat']) {
        element.source = await orders.find('cat');
        await orders.shown(element);
        element.source = source as never;
        await new Promise((resolve) => setTimeout(resolve));
        const img = element.querySelector('img');
        sources.push([img?.getAttribute('src'), img?.naturalWidth, img?.alt, img?.ariaBusy, orders.states.at(-1)]);
      }
      return sources;
    });
    assert.deepEqual(seen, [
      [null, 0, 'A cat', null, 'shown'],
      [null, 0, 'A cat', null, 'shown'],
      [null, 0, 'A cat', null, 'gave-up invalid_asset_ref'],
    ]);
  });

  it('reports a reference that it cannot use, because it was defined without a place', async () => {
    const message = await page.evaluate(async () => {
      safelight.defineSafelightImg();
      const element = Object.assign(orders.add(), { asset: (await orders.find('cat')).toJSON() });
      return new Promise((resolve) => {
        element.addEventListener('safelight-state', ({ detail: { state, error } }) => resolve(`${state} ${error}`));
      });
    });
    assert.match(`${message}`, /^gave-up TypeError: .*defineSafelightImg\(place\)/);
  });
});

type Asset = NonNullable<Awaited<ReturnType<ReturnType<typeof safelight.createClient>['find']>>>;

interface Orders {
  readonly states: string[];
  define(): void;
  find(publicId: string): Promise<Asset>;
  add(): HTMLElementTagNameMap['safelight-img'];
  render(props: object): Promise<HTMLElementTagNameMap['safelight-img']>;
  until(element: HTMLElement, state: string): Promise<void>;
  /** Width of the picture, alternative text and `loading`, when it is shown. */
  shown(element: HTMLElement): Promise<unknown>;
}

declare global {
  // The global of the page, for functions that run in `page.evaluate`.
  var orders: Orders;
}

/** Runs in the page. */
function defineOrders(): void {
  const place = { endpoint: location.origin, cloudName: 'demo' };
  const client = safelight.createClient(place);
  const states: string[] = [];
  document.addEventListener('safelight-state', ({ detail: { state, error } }) => {
    states.push(error ? `${state} ${(error as { code?: string }).code}` : state);
  });
  globalThis.orders = {
    states,
    define: () => safelight.defineSafelightImg(place),
    async find(publicId) {
      const asset = await client.find(publicId);
      if (asset === undefined) throw new Error(`no ${publicId}`);
      return asset;
    },
    add: () => document.body.appendChild(document.createElement('safelight-img')),
    async render(props) {
      const { render } = (await import(`${location.origin}/react.js`)) as { render: (props: object) => void };
      render(props);
      const element = document.querySelector('safelight-img');
      if (element === null) throw new Error('not rendered');
      return element;
    },
    async until(_element, state) {
      while (states.at(-1) !== state) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    async shown(element) {
      // Changes start in a microtask.
      await new Promise((resolve) => setTimeout(resolve));
      await this.until(element, 'shown');
      const img = element.querySelector('img');
      return [img?.naturalWidth, img?.getAttribute('alt'), img?.getAttribute('loading')];
    },
  };
}

async function bundleReact(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createElement } from 'react';
        import { flushSync } from 'react-dom';
        import { createRoot } from 'react-dom/client';
        export function render(props) {
          const root = createRoot(document.body.appendChild(document.createElement('div')));
          flushSync(() => root.render(createElement('safelight-img', props)));
        }`,
      resolveDir: join(root, 'packages/client'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text ?? '';
}
