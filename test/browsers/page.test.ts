import assert from 'node:assert/strict';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

inBrowsers('a page with the client', (browser) => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('has every entry, and shows a picture of the server', async () => {
    await site.put('cat');
    const page = await openClientPage(browser, site);
    const width = await page.evaluate(async () => {
      const { createClient } = safelight;
      const asset = await createClient({ endpoint: location.origin, cloudName: 'demo' }).find('cat');
      const image = new Image();
      image.src = asset?.url({ width: 300, crop: 'fill', height: 200 }) ?? '';
      await image.decode();
      return image.naturalWidth;
    });
    assert.equal(width, 300);
    assert.deepEqual(
      site.deliveries('cat').map(({ method, status }) => [method, status]),
      [['GET', 200]],
    );
  });
});
