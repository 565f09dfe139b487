import { sharpHandler } from '@safelight/sharp';
import type { Page } from 'puppeteer-core';
import type { TestBrowser } from '../../../../test/browsers/in-browsers.ts';
import { type Site, type SiteOptions, startSite } from '../../../../test/browsers/site.ts';
import { bundleWithReact, type ReactVersion } from './react-bundle.ts';

/** A site with a page for each version of React, which has `inReact` and an element with the ID `app`. */
export async function startReactSite(version: ReactVersion, options: SiteOptions = {}): Promise<Site> {
  const script = await bundleWithReact(version, "import { preparePage } from './page.ts'; preparePage();", {
    platform: 'browser',
    format: 'esm',
  });
  return startSite({
    ...options,
    // The pictures are ours, and the start of processes for them takes longer than most tests.
    cloud: { handler: sharpHandler({ isolation: 'none' }) },
    routes(app, site) {
      options.routes?.(app, site);
      app.get('/react.js', (_req, res) => void res.type('js').send(script));
      app.get('/react', (_req, res) => {
        res
          .type('html')
          .send(
            '<!doctype html><title>React</title><div id="app"></div><script type="module" src="/react.js"></script>',
          );
      });
    },
  });
}

export interface OpenedReactPage {
  readonly page: Page;
  /** Errors and warnings of the page, and those of its console. */
  readonly complaints: readonly string[];
}

/** @param path - a page that loads `/react.js` */
export async function openReactPage(browser: TestBrowser, site: Site, path = '/react'): Promise<OpenedReactPage> {
  const page = await browser.openPage('about:blank');
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // Browsers report each response with an error status, and tests make requests fail.
    const isExpected = /status of [45]\d\d/.test(message.text());
    if (/^(error|warn)/.test(message.type()) && !isExpected) complaints.push(message.text());
  });
  await page.goto(`${site.origin}${path}`);
  await page.waitForFunction('globalThis.inReact !== undefined');
  return { page, complaints };
}
