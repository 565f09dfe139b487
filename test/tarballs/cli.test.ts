import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, safelight } from '../../packages/cli/test/safelight-process.ts';
import { packageNames } from '../architecture/source-files.ts';
import { installTarballs, type Project } from './installed.ts';

describe('the packed command, without its optional packages', () => {
  let project: Project;
  let main: string;

  before(async function () {
    this.timeout(60_000);
    project = await installTarballs(packageNames());
    main = join(project.packageFolder('@safelight/cli'), 'dist/main.js');
  });
  after(async () => {
    await endAll();
    await project.remove();
  });

  const serve = (...flags: readonly string[]) =>
    safelight(['serve', '--port', '0', '--data', join(project.directory, 'data'), ...flags], {}, main);

  it('installs no client for Redis', () => {
    assert.equal(existsSync(project.packageFolder('@redis/client')), false);
  });

  it('serves, and holds failures in its own process', async () => {
    const server = serve();
    const [, origin] = await server.printed(/safelight listening on (http:\S+)\n/);
    const ask = async () => {
      const { status, headers } = await fetch(`${origin}/demo/image/upload/w_20/cat.png`);
      return [status, headers.get('cache-status')?.split(';', 2).join(';')];
    };
    assert.deepEqual(await ask(), [404, 'safelight; fwd=uri-miss']);
    assert.deepEqual(await ask(), [404, 'safelight; hit']);
    server.child.kill('SIGTERM');
    assert.equal(await server.exit, 0);
  });

  it('names the missing package for --store in one line', async () => {
    const failing = serve('--store', 'redis://127.0.0.1:1');
    assert.equal(await failing.exit, 1);
    assert.equal(
      failing.errors(),
      'safelight: --store needs the package @redis/client, which is not installed; run: npm install @redis/client\n',
    );
  });

  it('reports a --store that is not a store URL first', async () => {
    const failing = serve('--store', 'mongodb://host');
    assert.equal(await failing.exit, 2);
    assert.match(failing.errors(), /is not the URL of a store; write redis:/);
  });
});
