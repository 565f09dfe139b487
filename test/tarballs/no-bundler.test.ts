import assert from 'node:assert/strict';
import express from 'express';
import { inBrowsers } from '../browsers/in-browsers.ts';
import { type Site, startSite } from '../browsers/site.ts';
import { installTarballs, type Project } from './installed.ts';
import { complaintsOf, uploadOn } from './shown-picture.ts';

inBrowsers('a page without a bundler', (browser) => {
  let project: Project;
  let site: Site;
  before(async () => {
    project = await installTarballs();
    site = await startSite({ routes: (app) => void app.use(express.static(project.directory)) });
  });
  after(async () => {
    await site.close();
    await project.remove();
  });

  it('imports the packages by an import map, uploads a picture and shows it', async () => {
    const page = await browser.openPage(`${site.origin}/page`);
    const complaints = complaintsOf(page);
    await page.goto(`${site.origin}/plain.html`);
    const { url: _, ...shown } = await uploadOn(page, project.directory);
    assert.deepEqual(shown, { said: 'queued sending processing ready shown', width: 300, height: 200 });
    assert.deepEqual(complaints, []);
  });
});
