import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endAll, safelight } from '../../packages/cli/test/safelight-process.ts';
import { manifestOf, packageNames } from '../architecture/source-files.ts';
import { installWithNpm, type NpmProject } from './npm-project.ts';

/** The expected output of `uses/<package>.ts`, which makes one real call of each package. */
const expected: Readonly<Record<string, unknown>> = {
  protocol: ['/demo/image/upload/c_fill,h_200,w_300/v1795368841/pets/cat.jpg', 'c_scale,q_80,w_300'],
  core: { outcomes: ['failed', 'failed', 'picture'], runs: 2 },
  http: [200, 'private, max-age=60', { method: 'GET' }],
  stores: {
    read: Array(3).fill([{ rung: 1 }, null]),
    whileDown: 'rejected',
    isNamed: true,
    hasTests: true,
  },
  originals: { original: 'picture', missing: null, derivative: { type: 'image/jpeg' }, conformance: 'function' },
  s3: { checked: 'The bucket "pictures" could not be checked: of ', opened: null, errors: 1 },
  sharp: { probed: ['png', 60, 40], made: ['image/webp', 'webp', 30, 20] },
  express: { statuses: [404, 404, 200], runs: 2, hasRuntime: true },
  cloud: {
    early: [404, 'missing_original', 'text/plain; charset=utf-8'],
    upload: [200, 'cat', 60],
    late: [200, null, 'image/png'],
  },
  client: {
    early: 'missing_original',
    says: true,
    signs: 200,
    found: true,
    statuses: Array(7).fill(200),
    inPages: ['function', 'function', 'function'],
  },
};

/** React is an optional peer, which npm does not install. */
const ofReact = '@safelight/client/react';

/** The tests below use the command as a process. */
const used = packageNames().filter((name) => name !== 'cli');

describe('every packed package, installed by npm into one empty project', function () {
  this.timeout(120_000);

  let project: NpmProject;
  before(async () => {
    project = await installWithNpm(...packageNames());
    await cp(join(import.meta.dirname, 'uses'), project.directory, { recursive: true });
    await cp(join(import.meta.dirname, 'app/import-all.ts'), join(project.directory, 'import-all.ts'));
  });
  after(async () => {
    await endAll();
    await project.remove();
  });

  it('has the same versions as this repository', async () => {
    for (const name of packageNames()) {
      const text = await readFile(join(project.packageFolder(`@safelight/${name}`), 'package.json'), 'utf8');
      assert.equal(JSON.parse(text).version, manifestOf(name).version, name);
      assert.doesNotMatch(text, /"(?:workspace|catalog):/, name);
    }
  });

  it('can be imported and required by each entry, with no effect except those of zod and of the SDK of AWS', async () => {
    const entries = packageNames()
      .flatMap((name) =>
        Object.keys(manifestOf(name).exports)
          .filter((entry) => entry !== './package.json')
          .map((entry) => join(manifestOf(name).name, entry)),
      )
      .filter((entry) => entry !== ofReact);
    assert.ok(entries.length > packageNames().length);
    const { names, ...effects } = JSON.parse(await project.node('import-all.ts', ...entries));
    // zod, which @safelight/cloud depends on, has a registry and a configuration for all of its copies.
    // The SDK of AWS, a peer of @safelight/s3, has one for its functions in Lambda.
    const newGlobals = ['__zod_globalConfig', '__zod_globalRegistry', 'awslambda'];
    assert.deepEqual(effects, { requiredDifferently: [], newGlobals, busy: [], hasDom: false });
    assert.deepEqual(Object.keys(names), entries);
    for (const [entry, exported] of Object.entries<readonly string[]>(names)) {
      const hasOnlyTypes = /\/image-(?:react|vue)$/.test(entry);
      assert.equal(exported.length > 0, !hasOnlyTypes, `${entry} exports ${exported.length} values`);
    }
  });

  for (const name of used) {
    it(`@safelight/${name} works`, async () => {
      assert.deepEqual(JSON.parse(await project.node(`${name}.ts`)), expected[name]);
    });
  }

  describe('the command', () => {
    const serve = async (): Promise<string> => {
      const main = join(project.packageFolder('@safelight/cli'), 'dist/main.js');
      const flags = ['--port', '0', '--data', join(project.directory, 'data'), '--upload-preset', 'open'];
      const [, origin = ''] = await safelight(['serve', ...flags], {}, main).printed(
        /safelight listening on (http:\S+)\n/,
      );
      return origin;
    };

    /** Runs the command by the name under which npm installed it, as a shell does. */
    const runWhy = (url: string): Promise<{ readonly code: unknown; readonly printed: string }> =>
      new Promise((resolve) => {
        execFile(join(project.directory, 'node_modules/.bin/safelight'), ['why', url], (error, printed) =>
          resolve({ code: error === null ? 0 : error.code, printed }),
        );
      });

    it('`safelight serve` responds to requests, and `safelight why` ends with the code of its verdict', async () => {
      const origin = await serve();
      const url = `${origin}/demo/image/upload/w_2/cat.gif`;
      const missing = await fetch(url);
      assert.deepEqual([missing.status, missing.headers.get('x-safelight-error')], [404, 'missing_original']);
      const held = await runWhy(url);
      assert.match(held.printed, /"cat" has not been uploaded/);

      const body = new FormData();
      body.append('upload_preset', 'open');
      body.append('public_id', 'cat');
      const gif = Buffer.from('R0lGODlhAgABAIAAAP8AAAAA/yH5BAAAAAAALAAAAAACAAEAAAICRAoAOw==', 'base64');
      body.append('file', new Blob([gif]), 'cat.gif');
      assert.equal((await fetch(`${origin}/v1_1/demo/image/upload`, { method: 'POST', body })).status, 200);
      assert.equal((await fetch(url)).status, 200);
      const wrong = await runWhy('not a url');
      assert.deepEqual([held.code, (await runWhy(url)).code, wrong.code], [1, 0, 2]);
    });
  });
});
