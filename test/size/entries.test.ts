import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { parameters } from '@safelight/protocol';
import { manifestOf } from '../architecture/source-files.ts';
import { type Bundle, bundle } from './bundle.ts';

interface Budget {
  readonly name: string;
  /** The code of a page. */
  readonly code: string;
  /** Code that the same page has in any case: only the difference counts. */
  readonly beyond?: string;
  /** The limit after minifying and gzip, in bytes. */
  readonly limitBytes: number;
  readonly because: string;
}

const showAsset = `import { createAsset } from '@safelight/client/url';
  export const url = (ref, place) => createAsset(ref, place).url({ width: 300, crop: 'fill' });`;
const layOut = `import { imgAttrs } from '@safelight/client/url';
  export const attributes = (asset) => imgAttrs(asset, { width: 300, alt: '' });`;
const uploadFiles = `import { createClient } from '@safelight/client';
  export const client = (options) => createClient(options);`;
const healPictures = `${showAsset} ${layOut} export { heal } from '@safelight/client/image';`;

// React and ky do not count: the page has them in any case. ky has 8.9 kB.
const budgets: readonly Budget[] = [
  {
    name: 'a URL',
    code: showAsset,
    limitBytes: 2050,
    because:
      'every page with a picture loads it; 350 are the names and patterns that refuse mistakes (their messages are in ' +
      'development only), and 120 are for ratios, pixel densities, flags and five more crops; the tables of the grammar stay ' +
      'on the server',
  },
  {
    name: 'responsive attributes',
    code: showAsset + layOut,
    beyond: showAsset,
    limitBytes: 1390,
    because:
      'it has three layouts and computes the sizes of transformed pictures, and only pages that import it load it; 150 are ' +
      'its options, which are more than those of a transformation, 100 refuse what is not a picture, and 200 compute the size ' +
      'for each crop, ratio and pixel density',
  },
  {
    name: 'uploads, for a page that shows pictures',
    code: `${showAsset} import { createUploader } from '@safelight/client/upload';
      export const upload = (file, options) => createUploader(options)(file);`,
    beyond: showAsset,
    limitBytes: 6600,
    because:
      'the aim was 4500; parts of large files, retries that store nothing twice, correct progress, uploads that continue on ' +
      'another page and parts that become smaller cost the rest; 400 were saved by reading one form of date in Retry-After',
  },
  {
    name: 'uploads, alone',
    code: `import { createUploader } from '@safelight/client/upload';
      export const upload = (file, options) => createUploader(options)(file);`,
    limitBytes: 8650,
    because: 'the asset that an upload returns has URLs, so the code for URLs and for refusing mistakes is included',
  },
  {
    name: 'healing a picture',
    code: `import { heal } from '@safelight/client/image'; export const show = (img, asset) => heal(img, asset);`,
    limitBytes: 3400,
    because:
      'the aim was 2500; the code for URLs is not included, since the asset has it; 300 refuse mistakes, 150 what is not a ' +
      'picture, and 300 are for lazy pictures and for elements that are used again; the code for previews is loaded on ' +
      'demand (800)',
  },
  {
    name: 'healing, for a page that shows pictures',
    code: `${showAsset} import { heal } from '@safelight/client/image'; export const show = (img, asset) => heal(img, asset);`,
    beyond: showAsset,
    limitBytes: 2900,
    because: 'the aim was 2500; repeats, the scheduler and the reuse of elements cost the rest',
  },
  {
    name: 'the element, for a page that shows pictures',
    code: `${showAsset} ${layOut} import { defineSafelightImg } from '@safelight/client/image';
      export const define = (place) => defineSafelightImg(place);`,
    beyond: showAsset + layOut,
    limitBytes: 3650,
    because: 'it has healing, and attributes and properties too',
  },
  {
    name: 'why',
    code: `import { why } from '@safelight/client/why'; export const explain = (url) => why(url);`,
    limitBytes: 3050,
    because:
      'the aim was 2000; the code for Cloudinary is loaded at the first question about a URL of Cloudinary; 300 refuse ' +
      'mistakes in twelve options, and 430 parse the Date of a stored copy by its grammar',
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
    name: 'a signing route, for edge workers',
    code: `import { signUpload } from '@safelight/client/sign'; export const sign = (options) => signUpload(options);`,
    limitBytes: 4850,
    because:
      'no page loads it, only a server, and edge workers have a limit for their code; 3000 are the checks of its options with ' +
      'their messages, and the text of transformations for eager',
  },
  {
    name: 'signAt(), for a page that uploads',
    code: `import { createUploader, signAt } from '@safelight/client/upload';
      export const upload = (options) => createUploader({ ...options, sign: signAt('/sign') });`,
    beyond: `import { createUploader } from '@safelight/client/upload';
      export const upload = (options) => createUploader(options);`,
    limitBytes: 250,
    because: 'it posts JSON, and refuses a response that is not a signature',
  },
  {
    name: 'the hooks for React, for a page that uploads',
    code: `${uploadFiles} export { useUpload, useUploads } from '@safelight/client/react';`,
    beyond: uploadFiles,
    limitBytes: 1000,
    because: 'they only turn the events of uploads into states of components',
  },
  {
    name: 'SafelightImage for React, for a page that heals pictures',
    code: `${healPictures} export { SafelightImage } from '@safelight/client/react';`,
    beyond: healPictures,
    limitBytes: 1450,
    because: 'it has imgAttrs(), sorts props, and decides which picture may stay while the next one is loaded',
  },
  {
    name: 'createClient(), before the first why()',
    code: `import { createClient } from '@safelight/client'; export const client = (options) => createClient(options);`,
    limitBytes: 13_300,
    because:
      'it is for pages that upload and wait; pages that only show pictures use createAsset(); 600 refuse mistakes in all ' +
      'its functions; 200 load lists and searches when a server calls them',
  },
];

describe('the size of', () => {
  for (const { name, code, beyond, limitBytes, because } of budgets) {
    it(`${name} is at most ${limitBytes} B: ${because}`, async () => {
      const { gzipBytes } = await bundle(code, ['ky', 'react']);
      const bytes = gzipBytes - (beyond === undefined ? 0 : (await bundle(beyond, ['ky', 'react'])).gzipBytes);
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
  it('that parses URLs contains the tables that the next tests look for', async () => {
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

  it('that checks options contains the words that the next tests look for', async () => {
    const { text } = await bundle(`export { checkOptions } from '@safelight/protocol';`);
    assert.ok(text.includes('Did you mean'));
  });

  for (const [name, code] of shown) {
    it(`of ${name} has no messages for development`, async () => {
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
    it(`of all of ${entry} needs no module of Node`, async () => {
      // No module is external, so a module of Node would make the bundling fail.
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
