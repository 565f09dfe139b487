import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express from 'express';
import type { Page } from 'puppeteer-core';
import { build, createLogger } from 'vite';
import { inBrowsers } from '../browsers/in-browsers.ts';
import { drawPicture, type Site, startSite } from '../browsers/site.ts';
import { installTarballs, type Project } from './installed.ts';
import { complaintsOf, uploadOn } from './shown-picture.ts';

describe('an application that Vite builds from the tarballs', () => {
  let project: Project;
  let warnings: readonly string[];
  let site: Site;

  before(async function () {
    this.timeout(60_000);
    project = await installTarballs();
    warnings = await bundle(project.directory);
    site = await startSite({ routes: (app) => void app.use(express.static(join(project.directory, 'dist'))) });
  });
  after(async () => {
    await site.close();
    await project.remove();
  });

  it('was built without a warning', () => {
    assert.deepEqual(warnings, []);
  });

  it('contains no module of Node', async () => {
    const folder = join(project.directory, 'dist');
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
    assert.ok(files.includes('service-worker.js'), files.join());
    for (const file of files) {
      const code = await readFile(join(folder, file), 'utf8');
      assert.ok(file !== 'service-worker.js' || !/\bimport\b/.test(code), 'a worker must be one file');
      assert.doesNotMatch(code, /node:|__vite-browser-external|\bBuffer\b|\bprocess\.|\brequire\(|__dirname/, file);
    }
  });

  inBrowsers('its page', (browser) => {
    it('uploads a picture, and shows the file first, then what the server delivers', async () => {
      const page = await browser.openPage(`${site.origin}/page`);
      const complaints = complaintsOf(page);
      await page.goto(`${site.origin}/index.html`);
      const { url, ...shown } = await uploadOn(page, project.directory);
      const { said, ...size } = shown;
      // A preview is not shown when the upload is faster.
      assert.match(said, /^(?:preview )?loading shown$/);
      assert.deepEqual(size, { width: 300, height: 200 });
      assert.match(url, /\/demo\/image\/upload\/.*\/v\d{10}\//);
      assert.deepEqual(
        site.requests.filter(({ status }) => status !== undefined && status >= 400),
        [],
      );
      assert.deepEqual(complaints, []);
    });

    it('uploads and builds URLs in a service worker', async () => {
      const page = await browser.openPage(`${site.origin}/page`);
      const { bytes } = await drawPicture({ width: 400, height: 300 });
      const replied = await askWorker(page, bytes.toString('base64'));
      assert.deepEqual(Object.keys(replied), ['url', 'same'], JSON.stringify(replied));
      assert.equal(replied.same, true);
      assert.equal(new URL(replied.url ?? '').origin, site.origin);
      const response = await fetch(replied.url ?? '');
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/png']);
    });
  });
});

/** Builds the page, then the worker, which must be one file. @returns the warnings of Vite */
async function bundle(root: string): Promise<readonly string[]> {
  const heard: string[] = [];
  const logger = createLogger('silent');
  logger.warn = (message) => void heard.push(message);
  logger.warnOnce = logger.warn;
  logger.error = logger.warn;
  const common = { root, configFile: false, customLogger: logger, logLevel: 'warn' } as const;
  await build(common);
  await build({
    ...common,
    build: {
      emptyOutDir: false,
      rollupOptions: { input: join(root, 'service-worker.ts'), output: { entryFileNames: 'service-worker.js' } },
    },
  });
  return heard;
}

/** Sends a picture to the service worker of a page that has just registered it. */
function askWorker(page: Page, picture: string): Promise<{ url?: string; same?: boolean; error?: string }> {
  return page.evaluate(async (base64) => {
    await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const replied = new Promise<{ url?: string }>((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
    });
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    active?.postMessage(new Blob([bytes], { type: 'image/png' }), [port2]);
    return replied;
  }, picture);
}
