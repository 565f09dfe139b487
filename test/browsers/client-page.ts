import type { Page } from 'puppeteer-core';
import type { TestBrowser } from './in-browsers.ts';
import type { Site } from './site.ts';

type Everything = typeof import('@safelight/client') &
  typeof import('@safelight/client/url') &
  typeof import('@safelight/client/upload') &
  typeof import('@safelight/client/image') &
  typeof import('@safelight/client/why');

declare global {
  // The global of the page, for functions that run in `page.evaluate`.
  var safelight: Everything;
}

/** Opens the empty page of a site, and waits until `safelight` is defined. */
export async function openClientPage(browser: TestBrowser, site: Pick<Site, 'origin'>): Promise<Page> {
  const page = await browser.openPage(`${site.origin}/page`);
  await page.waitForFunction('globalThis.safelight !== undefined');
  return page;
}
