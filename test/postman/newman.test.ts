import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ApiSite, apiKey, apiSecret, startApiSite } from '../openapi/api-site.ts';

const run = promisify(execFile);
const collection = fileURLToPath(new URL('../../docs/postman/safelight.postman_collection.json', import.meta.url));

/** What newman's reporter `json` writes, as far as it is read here. */
interface NewmanReport {
  readonly run: {
    readonly stats: Readonly<Record<'requests' | 'assertions', { readonly total: number; readonly failed: number }>>;
    readonly failures: readonly {
      readonly source: { readonly name: string };
      readonly error: { readonly message: string };
    }[];
  };
}

describe('the Postman collection', () => {
  let directory: string;
  let site: ApiSite;

  // newman has 66 MB with its dependencies, so npm installs it here, and not with the workspace.
  before(async function () {
    this.timeout(300_000);
    directory = await mkdtemp(join(tmpdir(), 'safelight-newman-'));
    await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'runner', private: true }));
    const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...quick, 'newman@6.2.2'], { cwd: directory, timeout: 280_000 });
    site = await startApiSite();
  });
  after(async () => {
    await site?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function runCollection(): Promise<NewmanReport> {
    const variables = Object.entries({ origin: site.origin, cloud: 'demo', apiKey, apiSecret });
    const script = `
      const variables = ${JSON.stringify(variables.map(([key, value]) => ({ key, value })))};
      require('newman').run({ collection: ${JSON.stringify(collection)}, envVar: variables }, (error, summary) => {
        if (error) throw error;
        const { stats, failures } = summary.run;
        const told = failures.map(({ source, error }) => ({ source: { name: source.name }, error: { message: error.message } }));
        console.log(JSON.stringify({ run: { stats, failures: told } }));
      });`;
    await writeFile(join(directory, 'run.cjs'), script);
    const { stdout } = await run(process.execPath, ['run.cjs'], { cwd: directory, timeout: 120_000 });
    return JSON.parse(stdout) as NewmanReport;
  }

  it('runs with newman against a server, twice', async function () {
    this.timeout(250_000);
    // The second run shows that the first one has left nothing behind.
    for (let time = 0; time < 2; time += 1) {
      const { stats, failures } = (await runCollection()).run;
      assert.deepEqual(
        failures.map(({ source, error }) => `${source.name}: ${error.message}`),
        [],
      );
      assert.ok(stats.requests.total >= 37);
      assert.equal(stats.assertions.total, stats.requests.total);
    }
  });
});
