import assert from 'node:assert/strict';
import { sharpHandler } from '@safelight/sharp';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { type Site, startSite } from './site.ts';

/** Ways to have a picture in a page; each returns the element that contains the `<img>`. */
const ways = ['src', 'srcset', 'picture', 'crossorigin'] as const;

inBrowsers('a picture whose handler fails for some time', (browser) => {
  const lab = sharpHandler();
  /** By public ID. */
  const failuresLeft = new Map<string, number>();
  const runs = new Map<string, number>();
  const handler = Object.assign(
    (...job: Parameters<typeof lab>) => {
      // The handler also makes placeholders, which have no version.
      const { version, publicId } = job[1].original;
      if (version === 0) return lab(...job);
      runs.set(publicId, (runs.get(publicId) ?? 0) + 1);
      const left = failuresLeft.get(publicId) ?? 0;
      failuresLeft.set(publicId, left - 1);
      return left > 0 ? Promise.reject(new Error('The lab is down')) : lab(...job);
    },
    { probe: lab.probe },
  );

  for (const placeholder of [undefined, 'drawn'] as const) {
    describe(placeholder === undefined ? 'with an error as its response' : 'with a placeholder as its response', () => {
      let site: Site;
      before(async () => {
        const backoff = { transient: { firstMs: 1_000 } };
        site = await startSite({ safelight: { backoff, ...(placeholder && { placeholder }) }, cloud: { handler } });
      });
      after(() => site.close());

      for (const [where, failures] of [
        ['origin', 1],
        ['origin', 2],
        ['otherOrigin', 1],
      ] as const) {
        const windows = failures === 1 ? 'one window' : `${failures} windows`;
        it(`of ${where === 'origin' ? 'its own' : 'another'} origin, after ${windows}, for each way to have it in the page`, async () => {
          const page = await openClientPage(browser, site);
          // All at once, because the test mostly waits.
          await Promise.all(
            ways.map(async (way) => {
              const id = `cat${Math.random().toString(36).slice(2)}`;
              failuresLeft.set(id, failures);
              await site.put(id, { width: 640, height: 480 });
              const { seen, errors } = await page.evaluate(healIn, site[where], id, way);
              const hits = site.deliveries(id);
              const what = `${way}: ${JSON.stringify([seen, hits.map(({ status, startedAt }) => [status, startedAt])])}`;
              assert.deepEqual(seen.at(-1), { state: 'shown', width: 320, busy: null }, what);
              assert.ok(errors <= 1, `${errors} error events, ${what}`);
              assert.equal(hits.length, failures + 1, what);
              assert.equal(runs.get(id), failures + 1, what);
              // The ladder doubles, and each announced time is waited for.
              const waits = hits.slice(1).map(({ startedAt }, index) => startedAt - (hits[index]?.startedAt ?? 0));
              for (const [index, waitMs] of waits.entries()) assert.ok(waitMs >= 1_000 * 2 ** index, what);
            }),
          );
        });
      }
    });
  }
});

/** Runs in the page. */
async function healIn(endpoint: string, id: string, way: (typeof ways)[number]) {
  const asset = await safelight.createClient({ endpoint, cloudName: 'demo' }).find(id);
  if (asset === undefined) throw new Error('no asset');
  const img = new Image();
  if (way === 'crossorigin') img.crossOrigin = 'anonymous';
  let errors = 0;
  img.addEventListener('error', () => errors++);
  if (way === 'picture') {
    const picture = document.body.appendChild(document.createElement('picture'));
    const source = picture.appendChild(document.createElement('source'));
    source.srcset = asset.url({ width: 320, format: 'webp' });
    source.type = 'image/webp';
    img.src = asset.url({ width: 320 });
    picture.append(img);
  } else document.body.append(img);
  const seen: { state: string; width: number; busy: string | null }[] = [];
  await new Promise<void>((resolve) => {
    safelight.heal(img, asset, {
      maxWaitMs: 20_000,
      transformation: { width: 320 },
      ...(way === 'srcset' && { attrs: () => safelight.imgAttrs(asset, { width: 320, widths: [320], alt: '' }) }),
      onState(state) {
        seen.push({ state, width: img.naturalWidth, busy: img.getAttribute('aria-busy') });
        if (state === 'shown' || state === 'gave-up') resolve();
      },
    });
    setTimeout(resolve, 15_000);
  });
  return { seen, errors };
}
