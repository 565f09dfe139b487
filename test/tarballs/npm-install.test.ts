import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installWithNpm, type NpmProject } from './npm-project.ts';

/** All packages that `npm install @safelight/express` installs. Every user installs a package that is added here. */
const ofExpress: readonly string[] = [
  ...['@safelight/core', '@safelight/express', '@safelight/http', '@safelight/protocol', '@safelight/stores'],
  ...['hookified', 'keyv', 'lru-cache'],
];

/** The additional packages of `npm install @safelight/cloud`, which read parameters of uploads and name downloads. */
const ofCloud: readonly string[] = ['@safelight/cloud', 'content-disposition', 'zod'];

describe('the packed @safelight/express', function () {
  this.timeout(120_000);

  let project: NpmProject;
  before(async () => {
    project = await installWithNpm('express');
  });
  after(() => project.remove());

  it('installs exactly these packages: not zod, not express', async () => {
    assert.deepEqual(await project.installedNames(), ofExpress);
  });

  it('does not import express, neither in code nor in declarations', async () => {
    const files = globSync('node_modules/@safelight/*/dist/**/*.{js,d.ts}', { cwd: project.directory });
    assert.ok(files.length > 100);
    const importing: string[] = [];
    for (const file of files) {
      // An example in a comment may import it.
      const code = (await readFile(join(project.directory, file), 'utf8')).replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
      if (/(?:\bfrom|\bimport|\brequire)\s*\(?\s*["']express["']/.test(code)) importing.push(file);
    }
    assert.deepEqual(importing, []);
  });

  it('guards and caches in plain node:http, without express', async () => {
    const printed = await project.runModule(`
      import { once } from 'node:events';
      import { createServer } from 'node:http';
      import { createSafelight, missingOriginal } from '@safelight/express';

      const safelight = createSafelight();
      let runs = 0;
      let isThere = false;
      const guarded = safelight.guard(
        (_req, res) => {
          runs += 1;
          if (!isThere) throw missingOriginal('cat');
          res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end('picture');
        },
        { asset: () => 'cat', cache: true },
      );
      const app = (req, res) => guarded(req, res, () => res.writeHead(404).end());
      const server = createServer(safelight.listener(app)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const statuses = [];
      const ask = async () => {
        const response = await fetch('http://127.0.0.1:' + server.address().port + '/cat');
        statuses.push(response.status);
        await response.text();
      };
      await ask();
      await ask();
      isThere = true;
      await safelight.changed('cat');
      await ask();
      await ask();
      server.close();
      server.closeAllConnections();
      console.log(JSON.stringify({ statuses, runs }));
    `);
    assert.deepEqual(JSON.parse(printed), { statuses: [404, 404, 200, 200], runs: 2 });
  });
});

describe('the packed @safelight/cloud', function () {
  this.timeout(120_000);

  let project: NpmProject;
  before(async () => {
    project = await installWithNpm('cloud');
  });
  after(() => project.remove());

  it('installs those of @safelight/express, and the packages that read uploads', async () => {
    assert.deepEqual(await project.installedNames(), [...ofExpress, ...ofCloud].sort());
  });

  it('can be imported', async () => {
    const printed = await project.runModule(
      "import * as all from '@safelight/cloud'; console.log(Object.keys(all).join());",
    );
    assert.equal(printed, 'cloud\n');
  });
});
