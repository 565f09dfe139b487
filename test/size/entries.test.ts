import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { parameters } from '@safelight/protocol';
import { manifestOf } from '../architecture/source-files.ts';
import { type Bundle, bundle } from './bundle.ts';

interface Budget {
  readonly name: string;
  /** What a page writes. */
  readonly code: string;
  /** What the same page has anyway: only what comes on top of it counts. */
  readonly beyond?: string;
  /** After minifying and gzip; 1 kB = 1000 bytes. */
  readonly limitBytes: number;
  readonly because: string;
}

const showAsset = `import { createAsset } from '@safelight/client/url';
  export const url = (ref, place) => createAsset(ref, place).url({ width: 300, crop: 'fill' });`;
const layOut = `import { imgAttrs } from '@safelight/client/url';
  export const attributes = (asset) => imgAttrs(asset, { width: 300, alt: '' });`;

// ky is left out: it is a page's own, or comes with its own budget (8.9 kB).
const budgets: readonly Budget[] = [
  {
    name: 'a URL',
    code: showAsset,
    limitBytes: 1850,
    because:
      'every page with a picture pays for it; 350 are the names and patterns by which mistakes are refused, whose words are ' +
      'in development only; the tables of the grammar stay on the server',
  },
  {
    name: 'responsive attributes',
    code: showAsset + layOut,
    beyond: showAsset,
    limitBytes: 1050,
    because:
      'it brings three layouts and the sizes that transformations lead to, and only to those who import it; 150 are its ' +
      'options, of which it knows more than a transformation',
  },
  {
    name: 'uploads, for a page that shows pictures',
    code: `${showAsset} import { createUploader } from '@safelight/client/upload';
      export const upload = (file, options) => createUploader(options)(file);`,
    beyond: showAsset,
    limitBytes: 5150,
    because:
      '3000 was the aim; parts of large files, repeats that store nothing twice and true progress cost the rest; 200 are ' +
      'for the names of all options, and 450 for dates of Retry-After, which are read by their grammar: to Date.parse ' +
      '"3000" is a year',
  },
  {
    name: 'uploads, alone',
    code: `import { createUploader } from '@safelight/client/upload';
      export const upload = (file, options) => createUploader(options)(file);`,
    limitBytes: 6900,
    because:
      'the asset that comes out of an upload has URLs, so what makes them is in it, and what refuses mistakes; 450 are ' +
      'for dates',
  },
  {
    name: 'healing a picture',
    code: `import { heal } from '@safelight/client/image'; export const show = (img, asset) => heal(img, asset);`,
    limitBytes: 2900,
    because: '2000 was the aim; it brings no URLs: the asset has them; 300 refuse mistakes',
  },
  {
    name: 'the element, for a page that shows pictures',
    code: `${showAsset} ${layOut} import { defineSafelightImg } from '@safelight/client/image';
      export const define = (place) => defineSafelightImg(place);`,
    beyond: showAsset + layOut,
    limitBytes: 3050,
    because: 'it is healing, and attributes besides',
  },
  {
    name: 'why',
    code: `import { why } from '@safelight/client/why'; export const explain = (url) => why(url);`,
    limitBytes: 3050,
    because:
      '2000 was the aim; what is known of Cloudinary is loaded when a URL of Cloudinary is asked about; 300 refuse mistakes ' +
      'in twelve options, and 430 are for reading the Date of a stored copy by its grammar',
  },
  ...(
    [
      ['next', 'createLoader'],
      ['nuxt', 'createProvider'],
      ['unpic', 'createTransformer'],
    ] as const
  ).map(([entry, name]) => ({
    name: `the loader for ${entry}`,
    code: `${showAsset} import { ${name} } from '@safelight/client/${entry}'; export const loader = ${name};`,
    beyond: showAsset,
    limitBytes: 500,
    because: 'it only translates names',
  })),
  {
    name: 'createClient(), before anything is asked why',
    code: `import { createClient } from '@safelight/client'; export const client = (options) => createClient(options);`,
    limitBytes: 10_300,
    because:
      'it is for pages that upload and wait; pages that only show pictures take createAsset(); 600 refuse mistakes in all ' +
      'that it does, and 450 are for dates',
  },
];

describe('the size of', () => {
  for (const { name, code, beyond, limitBytes, because } of budgets) {
    it(`${name} is at most ${limitBytes} B: ${because}`, async () => {
      const { gzipBytes } = await bundle(code, ['ky']);
      const bytes = gzipBytes - (beyond === undefined ? 0 : (await bundle(beyond, ['ky'])).gzipBytes);
      assert.ok(bytes <= limitBytes, `${name}: ${bytes} B, more than ${limitBytes} B`);
    });
  }
});

describe('a bundle', () => {
  const meanings = Object.values(parameters).map(({ meaning }) => meaning);
  const ofServer = [...meanings, 'not offered', 'aliceblue', 'background colour', 'in transformation', 'did you mean'];
  const shown: readonly (readonly [string, string])[] = [
    ['a URL', showAsset],
    ['responsive attributes', layOut],
    ['uploads', `export { createUploader } from '@safelight/client/upload';`],
    ['healing', `export { heal } from '@safelight/client/image';`],
    ['a loader', `export { createLoader } from '@safelight/client/next';`],
  ];
  it('of what reads URLs has the tables that are looked for below', async () => {
    const { text } = await bundle(`export { parseDeliveryPath } from '@safelight/protocol';`);
    assert.deepEqual(
      ofServer.filter((words) => !text.includes(words)),
      [],
    );
  });

  for (const [name, code] of shown) {
    it(`of ${name} has none of the server's tables and messages`, async () => {
      const { text } = await bundle(code, ['ky']);
      assert.deepEqual(
        ofServer.filter((words) => text.includes(words)),
        [],
      );
    });
  }

  it('of what names the option that was meant says so, in the words that are looked for below', async () => {
    const { text } = await bundle(`export { checkOptions } from '@safelight/protocol';`);
    assert.ok(text.includes('Did you mean'));
  });

  for (const [name, code] of shown) {
    it(`of ${name} has no words that are for development`, async () => {
      const { text } = await bundle(code, ['ky']);
      assert.doesNotMatch(text, /Did you mean|round it|a function/);
    });
  }

  for (const entry of browserEntries()) {
    it(`of ${entry}, imported and not used, is empty`, async () => {
      const { text } = await bundle(`import '${entry}'; import * as unused from '${entry}';`, ['ky']);
      assert.equal(text.trim(), '');
    });
  }

  for (const entry of browserEntries()) {
    it(`of all of ${entry} needs nothing of Node`, async () => {
      // Nothing is external: what a browser does not have could not be bundled.
      const { text }: Bundle = await bundle(`export * from '${entry}';`);
      const imports = [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*["']([^"']+)["']/g)].map(
        ([, name = '']) => name,
      );
      assert.deepEqual(
        imports.filter((name) => isBuiltin(name)),
        [],
      );
      assert.ok(!text.includes('node:'), 'names a module of Node');
    });
  }
});

function browserEntries(): readonly string[] {
  return Object.keys(manifestOf('client').exports)
    .filter((path) => path !== './package.json' && path !== './node')
    .map((path) => `@safelight/client${path.slice(1)}`);
}
