import type { Page } from 'puppeteer-core';
import type { TestBrowser } from './in-browsers.ts';
import type { Site } from './site.ts';

type Everything = typeof import('@safelight/client') &
  typeof import('@safelight/client/url') &
  typeof import('@safelight/client/upload') &
  typeof import('@safelight/client/image') &
  typeof import('@safelight/client/why');

declare global {
  // In a page, for functions that are given to `page.evaluate`.
  var safelight: Everything;
}

/** The empty page of a site, once `safelight` is there. */
export async function openClientPage(browser: TestBrowser, site: Pick<Site, 'origin'>): Promise<Page> {
  const page = await browser.openPage(`${site.origin}/page`);
  await page.waitForFunction('globalThis.safelight !== undefined');
  return page;
}
