import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import type { TestBrowser } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

/** A site, and for each test a new picture of 900 x 600 and an empty page. */
export interface PictureScene {
  readonly site: Site;
  readonly page: Page;
  /** The public ID of the picture. */
  readonly id: string;
}

/** Adds the hooks of a scene to a suite. Read its properties only in tests. */
export function pictureScene(browser: TestBrowser): PictureScene {
  const scene = {} as { site: Site; page: Page; id: string };
  before(async () => {
    scene.site = await startSite();
  });
  after(() => scene.site.close());
  beforeEach(async () => {
    scene.id = `cat${Math.random().toString(36).slice(2)}`;
    await scene.site.put(scene.id, { width: 900, height: 600 });
    scene.page = await openClientPage(browser, scene.site);
  });
  afterEach(() => scene.site.intercept(undefined));
  return scene;
}
