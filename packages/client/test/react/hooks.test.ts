import assert from 'node:assert/strict';
import type { UseUploadOptions } from '@safelight/client/react';
import type { Page } from 'puppeteer-core';
import { inBrowsers } from '../../../../test/browsers/in-browsers.ts';
import type { Site } from '../../../../test/browsers/site.ts';
import type { SeenList } from './page.ts';
import { reactVersions } from './react-bundle.ts';
import { openReactPage, startReactSite } from './react-page.ts';
import { holdUploads, refuseUploads } from './site-uploads.ts';

for (const version of reactVersions) {
  inBrowsers(`hooks in React ${version}`, (browser) => {
    let site: Site;
    let page: Page;
    let complaints: readonly string[];
    before(async () => {
      site = await startReactSite(version);
    });
    after(() => site.close());
    beforeEach(async () => {
      site.intercept(undefined);
      ({ page, complaints } = await openReactPage(browser, site));
    });
    afterEach(() => {
      assert.deepEqual(complaints, []);
    });

    const uploadsSince = (count: number) => site.requests.slice(count).filter(({ method }) => method === 'POST');

    it('useUploads shows each file from its first moment to its asset', async () => {
      await showList(page);
      await add(page, 'a.png', 'b.png', 'c.png');
      await untilPhases(page, 'ready', 'ready', 'ready');
      const shown = await page.evaluate(() => lists);
      assert.deepEqual(phasesIn(shown)[0], [], 'the list is empty at first');
      assert.deepEqual(phasesIn(shown)[1], ['queued', 'queued', 'queued'], 'all files appear at once');
      for (const { items, totals } of shown) {
        for (const { phase, publicId, error } of items) {
          assert.deepEqual(
            [publicId !== undefined, error !== undefined],
            [phase === 'ready', phase === 'failed'],
            phase,
          );
        }
        assert.equal(totals['running'], items.filter(({ phase }) => phase !== 'ready').length);
        assert.ok(Number(totals['sentBytes']) <= Number(totals['totalBytes']));
      }
      const { items = [], totals } = shown.at(-1) ?? {};
      assert.deepEqual(
        items.map(({ name, sentBytes, totalBytes }) => [name, sentBytes === totalBytes, totalBytes > 0]),
        [
          ['a.png', true, true],
          ['b.png', true, true],
          ['c.png', true, true],
        ],
      );
      assert.equal(new Set(items.map(({ id }) => id)).size, 3);
      const bytes = items.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
      assert.deepEqual(totals, { running: 0, ready: 3, failed: 0, aborted: 0, sentBytes: bytes, totalBytes: bytes });
      const seen = shown.flatMap(({ items: all }) => all.map(({ phase }) => phase));
      assert.ok(
        seen.some((phase) => /sending|processing/.test(phase)),
        seen.join(),
      );
    });

    it('useUploads shows the error of a failed upload, and two presses of "retry" upload it once', async () => {
      const before = site.requests.length;
      await showList(page);
      await add(page, 'a.png');
      await untilPhases(page, 'ready');
      refuseUploads(site);
      await add(page, 'b.png');
      await untilPhases(page, 'ready', 'failed');
      const failed = await page.evaluate(() => ({ ...lists.at(-1)?.items[1], totals: lists.at(-1)?.totals }));
      assert.match(failed.error ?? '', /Not today/);
      assert.deepEqual([failed.totals?.['failed'], failed.totals?.['ready']], [1, 1]);
      assert.equal(failed.totals?.['sentBytes'], failed.totals?.['totalBytes'], 'bytes of a failed file do not count');
      site.intercept(undefined);
      await page.evaluate(() => {
        const [ready, item] = uploads.items;
        ready?.retry();
        item?.retry();
        item?.retry();
      });
      await untilPhases(page, 'ready', 'ready');
      assert.equal(uploadsSince(before).length, 3);
      const { error, publicId } = (await page.evaluate(() => lists.at(-1)?.items[1])) ?? {};
      assert.deepEqual([error, typeof publicId], [undefined, 'string']);
    });

    it('useUploads aborts one upload, retries it, and removes another one', async () => {
      const held = holdUploads(site);
      await showList(page);
      await add(page, 'a.png', 'b.png');
      await held.arrived(2);
      await page.evaluate(() => {
        uploads.items[0]?.abort();
        uploads.items[1]?.remove();
      });
      await untilPhases(page, 'aborted');
      assert.equal(await page.evaluate(() => lists.at(-1)?.items[0]?.error), undefined);
      await held.left(2);
      held.release();
      await page.evaluate(() => uploads.items[0]?.retry());
      await untilPhases(page, 'ready');
      await page.evaluate(() => uploads.items[0]?.remove());
      await untilPhases(page);
    });

    it('useUploads changes only the items to which something happened, and no function', async () => {
      await showList(page);
      await add(page, 'a.png');
      await untilPhases(page, 'ready');
      const held = holdUploads(site);
      await add(page, 'b.png');
      await held.arrived(1);
      await page.evaluate(() => Object.assign(globalThis, { earlier: uploads }));
      await page.evaluate(() => uploads.items[1]?.abort());
      await untilPhases(page, 'ready', 'aborted');
      const isSame = await page.evaluate(() => {
        const { add: addBefore, items } = (globalThis as unknown as { earlier: typeof uploads }).earlier;
        const [a, b] = items;
        const [laterA, laterB] = uploads.items;
        return [addBefore === uploads.add, a === laterA, b !== laterB, b?.retry === laterB?.retry];
      });
      held.release();
      assert.deepEqual(isSame, [true, true, true, true]);
    });

    it('useUploads refuses a wrong option before it sends a file', async () => {
      const before = site.requests.length;
      await showList(page);
      const message = await page.evaluate(async () => {
        const files = [await draw('a.png'), await draw('b.png')];
        try {
          uploads.add(files, (_file, index) => (index === 1 ? ({ publicid: 'b' } as object) : {}));
        } catch (error) {
          return String(error);
        }
        return 'accepted';
      });
      assert.match(message, /TypeError: upload\(\) has no option "publicid"/);
      assert.deepEqual([await page.evaluate(() => uploads.items.length), uploadsSince(before).length], [0, 0]);
    });

    for (const isGuarded of [false, true]) {
      it(`an upload that ${isGuarded ? 'the first' : 'each'} effect starts is sent once, also in StrictMode`, async () => {
        const before = site.requests.length;
        await page.evaluate(async (isGuarded) => {
          const { React, createRoot, Row } = inReact;
          const row = React.createElement(Row, { file: await draw('a.png'), isGuarded });
          createRoot(document.createElement('p')).render(React.createElement(React.StrictMode, null, row));
        }, isGuarded);
        await page.waitForFunction(() => globalThis.single?.phase === 'ready');
        assert.equal(uploadsSince(before).length, 1);
      });
    }

    it('removing the component aborts its uploads', async () => {
      const held = holdUploads(site);
      await showList(page);
      await add(page, 'a.png');
      await held.arrived(1);
      await page.evaluate(() => root.unmount());
      await held.left(1);
      held.release();
    });

    it('removing the component does not abort its uploads with abortOnUnmount: false', async () => {
      const held = holdUploads(site);
      await showList(page, { abortOnUnmount: false });
      const task = page.evaluate(async () => {
        const [one] = uploads.add([await draw('a.png')]);
        return (await one)?.resourceType;
      });
      await held.arrived(1);
      await page.evaluate(() => root.unmount());
      held.release();
      assert.equal(await task, 'image');
    });

    it('useUpload shows the last file that was started, and aborts the earlier one', async () => {
      const before = site.requests.length;
      const held = holdUploads(site, 1);
      await showSingle(page);
      assert.deepEqual(await page.evaluate(() => [single.phase, single.progress, single.start(undefined) ?? null]), [
        'idle',
        { sentBytes: 0, totalBytes: 0 },
        null,
      ]);
      await page.evaluate(async () => void single.start(await draw('a.png'), { publicId: 'a' }));
      await held.arrived(1);
      const started = await page.evaluate(async () => {
        const task = single.start(await draw('b.png'), { publicId: 'b' });
        return (await task)?.publicId;
      });
      assert.equal(started, 'b');
      await held.left(1);
      held.release();
      await page.waitForFunction(() => single.phase === 'ready');
      assert.deepEqual(await page.evaluate(() => [single.asset?.publicId, single.file?.name]), ['b', 'b.png']);
      await page.evaluate(() => {
        single.retry();
        single.reset();
      });
      await page.waitForFunction(() => single.phase === 'idle');
      const left = await page.evaluate(() =>
        [single.asset, single.task, single.file].filter((one) => one !== undefined),
      );
      assert.deepEqual(left, []);
      assert.equal(uploadsSince(before).length, 2, 'a retry of a ready upload has no effect');
    });

    it('useUpload retries a failed upload with the same options', async () => {
      refuseUploads(site);
      await showSingle(page);
      await page.evaluate(async () => void single.start(await draw('a.png'), { publicId: 'again' }));
      await page.waitForFunction(() => single.phase === 'failed');
      assert.match(await page.evaluate(() => String(single.error)), /SafelightError: .*Not today/);
      site.intercept(undefined);
      await page.evaluate(() => single.retry());
      await page.waitForFunction(() => single.phase === 'ready');
      assert.deepEqual(await page.evaluate(() => [single.asset?.publicId, single.error ?? null]), ['again', null]);
    });

    it('uses the client of the last render', async () => {
      await page.evaluate(() => {
        const { React, createRoot, AnyClient } = inReact;
        root = createRoot(document.createElement('p'));
        root.render(React.createElement(AnyClient, { cloudName: 'unknown' }));
      });
      await page.waitForFunction(() => document.title === 'unknown');
      await page.evaluate(() => root.render(inReact.React.createElement(inReact.AnyClient, { cloudName: 'demo' })));
      await page.waitForFunction(() => document.title === 'demo');
      await page.evaluate(async () => void single.start(await draw('a.png')));
      await page.waitForFunction(() => single.phase === 'ready');
    });

    if (version === 19) {
      it('a hidden <Activity> does not abort the uploads in it', async () => {
        const held = holdUploads(site);
        const show = (mode: 'hidden' | 'visible') =>
          page.evaluate((mode) => {
            const { React, createRoot, List } = inReact;
            globalThis.root ??= createRoot(document.createElement('p'));
            root.render(React.createElement(React.Activity, { mode, children: React.createElement(List) }));
          }, mode);
        await show('visible');
        await page.waitForFunction(() => document.title === 'visible');
        const task = page.evaluate(async () => {
          const [one] = uploads.add([await draw('a.png')]);
          return (await one)?.resourceType;
        });
        await held.arrived(1);
        await show('hidden');
        await page.waitForFunction(() => document.title === 'hidden');
        held.release();
        assert.equal(await task, 'image');
        await show('visible');
        await page.waitForFunction(() => uploads.items[0]?.phase === 'ready');
      });
    }
  });
}

/** Renders `useUploads()` in StrictMode. */
async function showList(page: Page, options?: UseUploadOptions): Promise<void> {
  await page.evaluate((options) => {
    const { React, createRoot, List } = inReact;
    root = createRoot(document.createElement('p'));
    root.render(React.createElement(React.StrictMode, null, React.createElement(List, options && { options })));
  }, options);
  await page.waitForFunction(() => lists.length > 0);
}

async function showSingle(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { React, createRoot, Single } = inReact;
    root = createRoot(document.createElement('p'));
    root.render(React.createElement(React.StrictMode, null, React.createElement(Single)));
  });
  await page.waitForFunction(() => globalThis.single !== undefined);
}

async function add(page: Page, ...names: readonly string[]): Promise<void> {
  await page.evaluate(async (all) => void uploads.add(await Promise.all(all.map((name) => draw(name)))), names);
}

async function untilPhases(page: Page, ...phases: readonly string[]): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      lists
        .at(-1)
        ?.items.map(({ phase }) => phase)
        .join() === wanted,
    { timeout: 30_000, polling: 20 },
    phases.join(),
  );
}

function phasesIn(lists: readonly SeenList[]): readonly (readonly string[])[] {
  return lists
    .map(({ items }) => items.map(({ phase }) => phase))
    .filter((phases, index, all) => index === 0 || `${phases}` !== `${all[index - 1]}`);
}
