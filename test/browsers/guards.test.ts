import assert from 'node:assert/strict';
import { inBrowsers } from './in-browsers.ts';
import { drawPicture, type Site, startSite } from './site.ts';
import { openUploadPage, phaseReached } from './upload-page.ts';

interface Refusal {
  readonly by: string;
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

inBrowsers('a page that does not wait for its upload', (browser) => {
  let site: Site;
  /** Passes the delayed upload on to the application. */
  let letPass: () => void;
  before(async () => {
    const { bytes } = await drawPicture();
    site = await startSite({
      routes: (app) => app.get('/small.png', (_req, res) => void res.type('png').send(bytes)),
    });
  });
  after(() => site.close());
  beforeEach(() => {
    const transient = new Promise<void>((resolve) => {
      letPass = resolve;
    });
    site.intercept(async ({ method }) => {
      if (method === 'POST') await transient;
      return false;
    });
  });

  it('gets an error wherever it uses the task, and sends no request in the meantime', async () => {
    const page = await openUploadPage(browser, site);
    await page.evaluate(async () => {
      await sender.load('/small.png');
      sender.start();
    });
    await phaseReached(page, 'processing');
    const from = site.requests.length;

    const refusals = await page.evaluate(async () => {
      // Like code without types.
      const task = sender.task as unknown as string & { url: (() => string) & string };
      const image = document.body.appendChild(new Image());
      const places: Record<string, () => unknown> = {
        'in a template': () => `<img src="${task}">`,
        'joined to text': () => `${location.origin}/`.concat(task),
        'as markup': () => document.body.insertAdjacentHTML('beforeend', task),
        '.url()': () => task.url(),
        '.url': () => task.url,
        'img.src': () => {
          image.src = task;
        },
        'img.srcset': () => {
          image.srcset = task;
        },
        setAttribute: () => image.setAttribute('src', task),
        'style.backgroundImage': () => {
          document.body.style.backgroundImage = `url(${task})`;
        },
        'new URL()': () => new URL(task, location.href),
        'fetch()': () => fetch(task),
        'Number()': () => Number(task),
      };
      const refusals: Refusal[] = [];
      for (const [by, use] of Object.entries(places)) {
        try {
          await use();
        } catch (error) {
          const { name, code, message, hint } = error as Refusal;
          refusals.push({ by, name, code, message, hint });
        }
      }
      const untouched = [image.getAttribute('src'), image.getAttribute('srcset')];
      return { refusals, untouched, asked: Object.keys(places), json: JSON.stringify({ task }) };
    });

    assert.deepEqual(
      refusals.refusals.map(({ by }) => by),
      refusals.asked,
    );
    for (const { by, name, code, message, hint } of refusals.refusals) {
      assert.deepEqual([name, code], ['SafelightError', 'original_not_ready'], by);
      assert.match(message, /The upload is processing\./, by);
      assert.match(hint ?? '', /Await it first: const asset = await task/, by);
    }
    assert.deepEqual(refusals.untouched, [null, null]);
    assert.equal(refusals.json, '{"task":{}}', 'what logs or stores it does not break');
    assert.deepEqual(site.requests.slice(from), []);

    letPass();
    const width = await page.evaluate(async () => {
      const image = document.querySelector('img') ?? new Image();
      image.src = (await sender.task).url({ width: 150 });
      await image.decode();
      return image.naturalWidth;
    });
    assert.equal(width, 150);
    assert.deepEqual(
      site.requests.slice(from).map(({ method, status }) => [method, status]),
      [['GET', 200]],
    );
  });

  it('cannot make an asset of a value that does not prove an upload', async () => {
    const page = await openUploadPage(browser, site);
    await page.evaluate(async () => {
      await sender.load('/small.png');
      sender.start({ publicId: 'cat' });
    });
    await phaseReached(page, 'processing');
    const from = site.requests.length;

    const refusals = await page.evaluate(() => {
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo' });
      const cat = { publicId: 'cat', resourceType: 'image', format: 'png' };
      const pretenders: Record<string, unknown> = {
        'stored without its version': JSON.parse(JSON.stringify(cat)),
        'version 1': { ...cat, version: 1 },
        'version 0': { ...cat, version: 0 },
        'a version as text': { ...cat, version: '1763820139' },
        'a public ID': 'cat',
        'a URL': `${location.origin}/demo/image/upload/cat.png`,
        nothing: undefined,
      };
      return Object.entries(pretenders).map(([by, pretender]) => {
        try {
          return { by, name: client.asset(pretender as never).url(), code: undefined, message: '', hint: undefined };
        } catch (error) {
          const { name, code, message, hint } = error as Refusal;
          return { by, name, code, message, hint };
        }
      });
    });
    for (const { by, name, code, message } of refusals) {
      assert.deepEqual([name, code], ['SafelightError', 'invalid_asset_ref'], by);
      assert.match(message, /publicId|version/, by);
    }
    const early = await page.evaluate(() => {
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo' });
      try {
        return client.asset(sender.task as never).url();
      } catch (error) {
        return String((error as Refusal).code);
      }
    });
    assert.equal(early, 'original_not_ready');
    assert.deepEqual(site.requests.slice(from), []);

    letPass();
    const isSame = await page.evaluate(async () => {
      const asset = await sender.task;
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo' });
      return client.asset(JSON.parse(JSON.stringify(asset))).url({ width: 9 }) === asset.url({ width: 9 });
    });
    assert.equal(isSame, true);
    assert.deepEqual(site.deliveries('cat'), []);
  });
});
