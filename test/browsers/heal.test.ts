import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import { inBrowsers } from './in-browsers.ts';
import { drawPicture, type Interception, type Site, startSite } from './site.ts';

/** The headers of a failed response; `heal;dur` announces 600 ms. */
interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly isPlaceholder?: boolean;
}

const announced = 'err;desc="handler_failed", rung;desc="1", heal;dur=600';
const open = { 'Access-Control-Allow-Origin': '*', 'Timing-Allow-Origin': '*' };
const rows: readonly (readonly [name: string, failure: Failure])[] = [
  ['a 404 that nobody may keep', { status: 404, headers: { 'Cache-Control': 'no-store' } }],
  ['a 404 that browsers revalidate', { status: 404, headers: { 'Cache-Control': 'public, max-age=0, s-maxage=60' } }],
  ['a 404 that browsers keep for a minute', { status: 404, headers: { 'Cache-Control': 'max-age=60' } }],
  ['a 503 with Retry-After', { status: 503, headers: { 'Cache-Control': 'no-store', 'Retry-After': '1' } }],
  [
    'a placeholder with an error status',
    { status: 404, headers: { 'Cache-Control': 'public, max-age=0' }, isPlaceholder: true },
  ],
  ['a placeholder with 200', { status: 200, headers: { 'Cache-Control': 'public, max-age=0' }, isPlaceholder: true }],
  [
    'a placeholder that browsers keep for a minute',
    { status: 404, headers: { 'Cache-Control': 'max-age=60' }, isPlaceholder: true },
  ],
];

const places = [
  ['same origin', 'origin', null],
  ['cross origin', 'otherOrigin', null],
  ['cross origin with CORS', 'otherOrigin', 'anonymous'],
] as const;

inBrowsers('heal', (browser) => {
  const cases = places.flatMap(([place, where, cors]) =>
    rows.map(([name, failure], index) => {
      return {
        title: `${place}: recovers from ${name}`,
        place,
        where,
        cors,
        failure,
        id: `cat-${where}-${cors}-${index}`,
      };
    }),
  );
  const seenOf = new Map<string, ReturnType<typeof healed>>();
  let site: Site;
  before(async () => {
    site = await startSite();
    const placeholder = (await drawPicture({ width: 10, height: 10, colour: '#808080' })).bytes;
    await Promise.all(cases.map(({ id }) => site.put(id, { width: 300, height: 200 })));
    const responses = new Map(cases.map(({ id, failure }) => [id, failFor(500, failure, placeholder)]));
    site.intercept((req, res) => {
      const id = cases.find((one) => req.url?.includes(`${one.id}.png`))?.id ?? '';
      return responses.get(id)?.(req, res) ?? false;
    });
    const page = await openClientPage(browser, site);
    // All cases of one place at once, because the test mostly waits.
    for (const [place] of places) {
      for (const { id, where, cors } of cases.filter((one) => one.place === place))
        seenOf.set(id, healed(page, site[where], id, cors));
      await Promise.allSettled(seenOf.values());
    }
  });
  after(() => site.close());

  for (const { title, id } of cases) {
    it(`${title}, with one more request`, async () => {
      const seen = (await seenOf.get(id)) ?? [];
      assert.equal(seen.at(-1)?.state, 'shown', JSON.stringify(seen));
      assert.deepEqual([seen.at(-1)?.width, seen.at(-1)?.broken], [300, false]);
      const hits = site.deliveries(id);
      assert.equal(
        hits.length,
        2,
        JSON.stringify(hits.map(({ status, startedAt }) => [status, startedAt - (hits[0]?.startedAt ?? 0)])),
      );
      assert.ok((hits[1]?.startedAt ?? 0) - (hits[0]?.startedAt ?? 0) >= 600);
    });
  }
});

/** Deliveries of a picture fail until `ms` after the first one. */
function failFor(ms: number, { status, headers, isPlaceholder = false }: Failure, placeholder: Buffer): Interception {
  let firstAt: number | undefined;
  return ({ url = '' }, res) => {
    if (!/^\/(?:demo|_safelight\/why)/.test(url)) return false;
    firstAt ??= Date.now();
    const passedMs = Date.now() - firstAt;
    if (passedMs > ms) return false;
    if (url.startsWith('/_')) {
      res.writeHead(200, { ...open, 'Content-Type': 'application/json' });
      res.end(JSON.stringify({ verdict: 'handler_failed', remainingMs: 600 - passedMs }));
      return true;
    }
    const timing = isPlaceholder ? `${announced}, placeholder` : announced;
    res.writeHead(status, {
      ...open,
      ...headers,
      'Server-Timing': timing,
      ...(isPlaceholder && { 'Content-Type': 'image/png' }),
    });
    res.end(isPlaceholder ? placeholder : undefined);
    return true;
  };
}

async function healed(page: Page, endpoint: string, id: string, cors: string | null) {
  return page.evaluate(
    async (endpoint, id, cors) => {
      const client = safelight.createClient({ endpoint, cloudName: 'demo' });
      const asset = await client.find(id);
      if (asset === undefined) throw new Error('no asset');
      // Small, so that all of them are in the window.
      const img = document.body.appendChild(new Image(30, 20));
      img.crossOrigin = cors;
      const seen: { state: string; width: number; broken: boolean; code: string | undefined; at: number }[] = [];
      const startedAt = Date.now();
      await new Promise<void>((resolve) => {
        safelight.heal(img, asset, {
          maxWaitMs: 20_000,
          onState(state, { code }) {
            seen.push({
              state,
              width: img.naturalWidth,
              broken: img.complete && img.src !== '' && img.naturalWidth === 0,
              code,
              at: Date.now() - startedAt,
            });
            if (state === 'shown' || state === 'gave-up') resolve();
          },
        });
        setTimeout(resolve, 12_000);
      });
      return seen;
    },
    endpoint,
    id,
    cors,
  );
}
