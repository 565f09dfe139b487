import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createClient } from '@safelight/client';
import { imgProps } from '@safelight/client/react';
import { createAsset, imgAttrs } from '@safelight/client/url';
import type { ReactElement } from 'react';
import { bundleWithReact, reactVersions } from './react/react-bundle.ts';

type ServerBundle = typeof import('@safelight/client/react') &
  typeof import('react-dom/server') &
  Pick<typeof import('react'), 'createElement' | 'StrictMode'>;

const code = `
  export * from '@safelight/client/react';
  export { renderToPipeableStream, renderToString } from 'react-dom/server';
  export { createElement, StrictMode } from 'react';
`;
const place = { endpoint: 'https://pictures.example', cloudName: 'demo' };
const cat = createAsset(
  { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg', width: 1200, height: 800 },
  place,
);
const client = createClient({ ...place, uploadPreset: 'web' });

describe('imgProps', () => {
  it('gives the attributes of imgAttrs under the names of React, with src as the last one', () => {
    const options = { layout: 'full-width', alt: 'A cat', crop: 'fill', height: 600 } as const;
    const { srcSet, ...props } = imgProps(cat, options);
    const { srcset, ...attrs } = imgAttrs(cat, options);
    assert.deepEqual([srcSet, props], [srcset, attrs]);
    assert.equal(Object.keys(imgProps(cat, options)).at(-1), 'src');
  });

  it('refuses a public ID and a wrong option', () => {
    assert.throws(() => imgProps('cat' as never, { width: 300, alt: '' }), { code: 'invalid_asset_ref' });
    assert.throws(() => imgProps(cat, { width: 300, alt: '', crop: 'fil' as never }), {
      code: 'invalid_transformation',
    });
  });
});

for (const version of reactVersions) {
  describe(`React ${version} on a server`, () => {
    let react: ServerBundle;
    let folder: string;
    const complaints: string[] = [];
    const { error } = console;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'safelight-react-'));
      writeFileSync(
        join(folder, 'react.cjs'),
        await bundleWithReact(version, code, { platform: 'node', format: 'cjs' }),
      );
      react = createRequire(join(folder, 'react.cjs'))('./react.cjs');
      console.error = (...words) => complaints.push(words.join(' '));
    });
    after(() => {
      console.error = error;
      rmSync(folder, { recursive: true });
    });
    afterEach(() => {
      assert.deepEqual(complaints.splice(0), []);
    });

    const image = (props: object): ReactElement =>
      react.createElement(react.SafelightImage, { source: cat, alt: 'A "cat"', width: 300, ...props });
    const render = (props: object): string => {
      const html = react.renderToString(react.createElement(react.StrictMode, null, image(props)));
      // React 19 also writes links that preload pictures.
      return /<img[^>]*>/.exec(html)?.[0] ?? html;
    };

    it('renders an asset with its URLs', () => {
      const { src, srcset } = imgAttrs(cat, { width: 300, alt: '' });
      const html = render({ className: 'round', loading: 'lazy' });
      const sizes = '(min-width: 300px) 300px, 100vw';
      assert.equal(
        html,
        `<img class="round" loading="lazy" width="300" height="200" alt="A &quot;cat&quot;" sizes="${sizes}" srcSet="${srcset}" src="${src}"/>`,
      );
    });

    it('renders transformed pictures, and one size', () => {
      const picture = cat.transform({ angle: 180 });
      const { src } = imgAttrs(picture, { layout: 'fixed', width: 100, height: 100, crop: 'fill', alt: '' });
      const html = render({ transformation: { angle: 180 }, layout: 'fixed', width: 100, height: 100, crop: 'fill' });
      assert.ok(html.includes(` src="${src}"`), html);
      assert.doesNotMatch(html, / sizes=| crop=| layout=| transformation=/);
    });

    it('renders an upload, and no source, without a URL', () => {
      const task = client.upload(new Blob());
      task.catch(() => undefined);
      for (const source of [task, undefined]) {
        assert.equal(render({ source, height: 200 }), '<img width="300" height="200" alt="A &quot;cat&quot;"/>');
      }
    });

    it('renders an asset that cannot be shown without a URL, because the component reports it in the page', () => {
      assert.equal(render({ crop: 'fil', height: 200 }), '<img width="300" height="200" alt="A &quot;cat&quot;"/>');
    });

    it('throws for a URL in place of a source, and for a wrong option of a hook', () => {
      assert.throws(() => render({ source: '/cat.jpg' }), { code: 'invalid_asset_ref' });
      // biome-ignore lint/correctness/noComponentHookFactories: this suite runs for each version of React.
      const Wrong = () => {
        react.useUploads(client, { abortOnUnmont: true } as object);
        return null;
      };
      assert.throws(
        () => react.renderToString(react.createElement(Wrong)),
        /has no option "abortOnUnmont"\. Did you mean/,
      );
    });

    it('renders components with hooks, also into a stream', async () => {
      // biome-ignore lint/correctness/noComponentHookFactories: this suite runs for each version of React.
      const Form = () => {
        const { phase, progress, asset } = react.useUpload(client);
        const { items, totals } = react.useUploads(client);
        return react.createElement(
          'p',
          null,
          JSON.stringify([phase, progress.sentBytes, asset ?? null, items, totals.ready]),
        );
      };
      const { pipe } = react.renderToPipeableStream(react.createElement(Form));
      const html = await text(pipe(new PassThrough()));
      assert.equal(html.replaceAll('&quot;', '"'), '<p>["idle",0,null,[],0]</p>');
      assert.equal(react.renderToString(react.createElement(Form)), html);
    });
  });
}
