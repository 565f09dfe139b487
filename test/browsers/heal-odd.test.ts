import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHealing, toldBy, untilState } from './heal-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { pictureScene } from './picture-scene.ts';

inBrowsers('heal, without an announced time', (browser) => {
  const scene = pictureScene(browser);

  function whys(): readonly number[] {
    return scene.site.requests.filter(({ url }) => url.startsWith('/_safelight/why')).map(({ startedAt }) => startedAt);
  }

  /** The first response is an error without a message. */
  function failOnce(why: (asked: number) => Readonly<Record<string, string>> | undefined): void {
    let deliveries = 0;
    let asked = 0;
    scene.site.intercept(({ url = '' }, res) => {
      if (url.startsWith('/demo/image/')) {
        if (++deliveries > 1) return false;
        res.writeHead(503, { 'Cache-Control': 'no-store' });
      } else if (url.startsWith('/_safelight/why')) {
        const headers = why(++asked);
        if (headers === undefined) return false;
        res.writeHead(headers['Retry-After'] === undefined ? 404 : 429, headers);
      } else return false;
      res.end();
      return true;
    });
  }

  it('waits 5 s when the server has no control route', async () => {
    failOnce(() => ({}));
    await startHealing(scene.page, { publicId: scene.id });
    await untilState(scene.page, scene.id, 'shown', 12_000);
    const [first, second, ...more] = scene.site.deliveries(scene.id);
    assert.ok(first && second && second.startedAt - first.startedAt >= 5_000);
    assert.equal(more.length, 0);
  });

  it('requests the reason again after a 429, and the picture only after the server has given the reason', async () => {
    const before = whys().length;
    failOnce((asked) => (asked === 1 ? { 'Retry-After': '1' } : undefined));
    await startHealing(scene.page, { publicId: scene.id });
    await untilState(scene.page, scene.id, 'shown');
    const [first = 0, second = 0, ...more] = whys().slice(before);
    assert.ok(second - first >= 1_000, `asked again after ${second - first} ms`);
    assert.equal(more.length, 0);
    const hits = scene.site.deliveries(scene.id);
    assert.ok((hits[1]?.startedAt ?? 0) >= second, 'the picture after the reason');
    // The failure has ended, so the browser's cached response is replaced. That is the only request for the picture.
    assert.equal(hits.length, 2);
  });

  it('does not request a picture for ever that the server has and the browser cannot show', async () => {
    scene.site.intercept(({ url = '' }, res) => {
      if (!url.startsWith('/demo/image/')) return false;
      res.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'max-age=60' });
      res.end('no picture at all');
      return true;
    });
    await startHealing(scene.page, { publicId: scene.id });
    await sleep(4_000);
    const hits = scene.site.deliveries(scene.id).length;
    assert.ok(hits >= 2 && hits <= 4, `${hits} requests`);
    const waits = (await toldBy(scene.page, scene.id))
      .filter(({ state }) => state === 'waiting')
      .map(({ retryInMs = 0 }) => retryInMs);
    assert.ok((waits.at(-1) ?? 0) >= 5_000, String(waits));
  });

  it('ends when the listener of the state waiting disposes of it', async () => {
    scene.site.intercept(({ url = '' }, res) => {
      if (!url.startsWith('/demo/image/')) return false;
      res.writeHead(503, { 'Cache-Control': 'no-store', 'Server-Timing': 'err;desc="busy", heal;dur=100' });
      res.end();
      return true;
    });
    const busy = await scene.page.evaluate(async (id) => {
      const asset = await safelight.createClient({ endpoint: location.origin, cloudName: 'demo' }).find(id);
      if (asset === undefined) throw new Error('no asset');
      const img = document.body.appendChild(new Image());
      await new Promise<void>((resolve) => {
        const healing = safelight.heal(img, asset, {
          onState(state) {
            if (state !== 'waiting') return;
            healing[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
            resolve();
          },
        });
      });
      return img.hasAttribute('aria-busy');
    }, scene.id);
    assert.equal(busy, false);
    await sleep(1_000);
    assert.equal(scene.site.deliveries(scene.id).length, 1);
  });

  it('still shows the preview of a refused upload, and reports its error', async () => {
    let refuse: () => void = () => {};
    const isPreviewed = new Promise<void>((resolve) => {
      refuse = resolve;
    });
    scene.site.intercept(async ({ url = '' }, res) => {
      if (url === '/previewed') refuse();
      if (!url.startsWith('/v1_1/')) return false;
      await isPreviewed;
      res.writeHead(400, { 'Content-Type': 'application/json' });
      res.end('{"error":{"message":"not today"}}');
      return true;
    });
    const seen = await scene.page.evaluate(async () => {
      const unhandled: string[] = [];
      addEventListener('unhandledrejection', ({ reason }) => unhandled.push(String(reason)));
      const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 200 });
      canvas.getContext('2d')?.fillRect(0, 0, 300, 200);
      const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
      if (file === null) throw new Error('no picture');
      const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' });
      // One upload fails before its preview can be painted, and one fails later.
      const early = client.upload(file, { signal: AbortSignal.abort(new Error('never mind')) });
      return Promise.all(
        [early, client.upload(file)].map(async (task) => {
          const img = document.body.appendChild(new Image());
          const states: string[] = [];
          const error = await new Promise<unknown>((resolve) => {
            safelight.heal(img, task, {
              onState(state, { error }) {
                states.push(state);
                if (state === 'preview') void fetch('/previewed');
                if (state === 'gave-up') resolve(error);
              },
            });
          });
          while (img.naturalWidth === 0) await new Promise((resolve) => setTimeout(resolve, 20));
          const busy = img.hasAttribute('aria-busy');
          return { states, error: String(error), width: img.naturalWidth, busy, unhandled: [...unhandled] };
        }),
      );
    });
    const [early, late] = seen;
    const common = { width: 300, busy: false, unhandled: [] };
    assert.deepEqual(early, { ...common, states: ['gave-up'], error: 'Error: never mind' });
    assert.match(late?.error ?? '', /SafelightError: .*not today/);
    assert.deepEqual({ ...late, error: '' }, { ...common, states: ['preview', 'gave-up'], error: '' });
  });

  it('refuses a source that does not prove an upload, and sends no request', async () => {
    const before = scene.site.requests.length;
    const codes = await scene.page.evaluate(() =>
      ['cat', 'https://example.org/cat.jpg', undefined, null, {}, { publicId: 'cat' }].map((source) => {
        const img = new Image();
        try {
          safelight.heal(img, source as never);
          return 'taken';
        } catch (error) {
          return [(error as { code?: string }).code, img.hasAttribute('src'), img.hasAttribute('aria-busy')].join(' ');
        }
      }),
    );
    assert.deepEqual(new Set(codes), new Set(['invalid_asset_ref false false']));
    assert.equal(scene.site.requests.length, before);
  });
});
