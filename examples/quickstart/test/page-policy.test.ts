import assert from 'node:assert/strict';
import { inBrowsers } from '../../../test/browsers/in-browsers.ts';
import { type ExampleServer, startExample } from '../../browser/test/example-server.ts';

inBrowsers('the page of the quickstart', (browser) => {
  let server: ExampleServer;
  let origin: string;

  before(async function () {
    this.timeout(30_000);
    server = await startExample(new URL('../server.ts', import.meta.url), 'quickstart');
    ({ origin } = server);
  });
  after(() => server.close());

  it('works under a policy that allows no inline script, no other site and no frame', async () => {
    const { headers } = await fetch(origin);
    const policy = headers.get('content-security-policy') ?? '';
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.deepEqual(
      [headers.get('x-content-type-options'), headers.get('referrer-policy')],
      ['nosniff', 'no-referrer'],
    );

    const page = await browser.openPage('about:blank');
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // The page asks for pictures that do not exist yet, and browsers report each of them.
      if (message.type() === 'error' && !/status of 404/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(origin);
    await page.waitForFunction(() => document.querySelector('#cause')?.textContent?.includes('missing_original'));
    assert.deepEqual(complaints, []);
    // An injected script does not run.
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
      return 'injected' in window;
    });
    assert.equal(ran, false);
  });
});
