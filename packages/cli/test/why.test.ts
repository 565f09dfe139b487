import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';
import { adminCredentials, type StandIn, startStandIn } from '../../client/test/cloudinary-stand-in.ts';
import { endAll, safelight } from './safelight-process.ts';

const path = '/demo/image/upload/c_fill,w_300/cat.jpg';
const secret = 'hidden-secret';

describe('safelight why', () => {
  const servers: Server[] = [];
  let directory: string;
  let origin: string;
  let standIn: StandIn;
  /** The requests that reached the server of the URL. */
  const received: { readonly url: string; readonly authorization: string | undefined }[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
    const app = express();
    app.use((req, _res, next) => {
      received.push({ url: req.url, authorization: req.headers.authorization });
      next();
    });
    const parts = { originals: fileOriginals({ directory }), handler: sharpHandler() };
    const safelightServer = createSafelight({
      onError: () => undefined,
      // The command must start before this window ends.
      backoff: { transient: { firstMs: 300_000 } },
    });
    app.use(cloud(safelightServer, 'demo', { ...parts, apiKey: 'key', apiSecret: secret }));
    app.get(
      '/broken',
      safelightServer.guard(() => Promise.reject(new Error('broken'))),
    );
    origin = await listen(createServer(app));
    standIn = await startStandIn();
  });
  beforeEach(() => {
    received.length = 0;
    standIn.requests.length = 0;
  });
  after(async () => {
    await endAll();
    await standIn.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await rm(directory, { recursive: true });
  });

  async function listen(server: Server): Promise<string> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const ended = safelight(['why', ...args], { CLOUDINARY_URL: '', ...env });
    const code = await ended.exit;
    return { code, output: ended.output(), errors: ended.errors() };
  }

  it('explains a URL in text, requests only the control route, and exits with 1 when something has to be changed', async () => {
    const { code, output } = await run([origin + path]);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`^GET ${origin}${path} -> 404 {3}\\[missing_original\\]\n verdict {3}"cat" has`));
    assert.deepEqual(
      received.map(({ url }) => url.split('?')[0]),
      ['/_safelight/why'],
    );
  });

  it('marks the wrong part of the URL', async () => {
    const { code, output } = await run([origin + path.replace('w_300', 'widht_300')]);
    assert.equal(code, 1);
    const lines = output.split('\n');
    const row = lines.findIndex((line) => line.startsWith(' transform '));
    assert.equal(lines[row + 1]?.trimEnd(), `${' '.repeat(11 + 'c_fill,'.length)}^^^^^^^^^ did you mean w_300?`);
  });

  it('prints the same object as JSON', async () => {
    const { code, output } = await run([path, '--json', '--endpoint', origin]);
    assert.equal(code, 1);
    const diagnosis = JSON.parse(output) as Record<string, unknown>;
    assert.deepEqual([diagnosis['verdict'], diagnosis['url']], ['missing_original', origin + path]);
  });

  it('exits with 3 for a failure that ends without a change', async () => {
    assert.equal((await fetch(`${origin}/broken`)).status, 500);
    const { code, output } = await run([`${origin}/broken`]);
    assert.match(output, /\[handler_failed\]\n.*\n heals {5}in (?:5 min|4 min \d+ s); attempt 1/);
    assert.equal(code, 3);
  });

  it('exits with 4 when it finds no reason: no response, or another kind of server', async () => {
    const closed = createServer();
    const closedOrigin = await listen(closed);
    closed.close();
    const dead = await run([closedOrigin + path]);
    assert.deepEqual([dead.code, dead.errors], [4, '']);
    assert.match(dead.output, /\[network\]\n verdict {3}No diagnosis from http.*ECONNREFUSED/);
    const other = await listen(createServer((_req, res) => void res.writeHead(404).end('<h1>no</h1>')));
    const foreign = await run([other + path]);
    assert.equal(foreign.code, 4);
    assert.match(
      foreign.output,
      /\[unknown\]\n verdict {3}No diagnosis from .*: 404\n.*fix now {3}Mount safelight\.control\(\)/s,
    );
  });

  it('exits with 2 for wrong use, and says what to do', async () => {
    const rows: readonly (readonly [args: readonly string[], words: RegExp])[] = [
      [[], /missing required argument/],
      [['cat.jpg'], /"cat\.jpg" has no server; write/],
      [[path, '--endpoint', 'localhost:3000'], /--endpoint is not an http\(s\) URL/],
      [[origin + path, '--probe'], /--probe is for URLs of Cloudinary/],
      [[origin + path, '--api-key', 'key'], /--api-secret is missing/],
      [[origin + path, '--hurry'], /unknown option '--hurry'/],
    ];
    await Promise.all(
      rows.map(async ([args, words]) => {
        const { code, errors, output } = await run(args);
        assert.equal(code, 2, args.join(' '));
        assert.match(errors, words);
        assert.equal(output, '');
      }),
    );
  });

  describe('credentials', () => {
    it('from flags go to the server, and show the details for administrators', async () => {
      await fetch(origin + path);
      const { output } = await run([origin + path, '--api-key', 'key', '--api-secret', secret]);
      assert.match(output, / evidence {2}code: missing_original \| .*failed_since/);
      assert.doesNotMatch(output, new RegExp(secret));
    });

    const fromEnvironment = { SAFELIGHT_API_KEY: 'key', SAFELIGHT_API_SECRET: secret };

    it('from the environment do not go to the server of the URL', async () => {
      await run([origin + path], fromEnvironment);
      assert.deepEqual(
        received.map(({ authorization }) => authorization),
        [undefined],
      );
    });

    it('from the environment go to the endpoint', async () => {
      const { output } = await run([path], { ...fromEnvironment, SAFELIGHT_ENDPOINT: origin });
      assert.match(output, / evidence {2}code: missing_original/);
    });
  });

  describe('of Cloudinary', () => {
    const cloudinary = (...args: readonly string[]) => [standIn.origin + path, '--cloudinary', ...args];
    const url = () =>
      `cloudinary://${adminCredentials.apiKey}:${adminCredentials.apiSecret}@demo?upload_prefix=${standIn.origin}`;

    it('requests another URL of the same picture, never the URL itself', async () => {
      const { code, output } = await run(cloudinary());
      assert.equal(code, 1);
      assert.match(output, /\[missing_original\]/);
      assert.match(output, / warning {3}http:\S+\/a_0\/cat\.jpg was requested in its place/);
      assert.deepEqual(standIn.deliveries(), [`HEAD ${path.replace('/cat', '/a_0/cat')}`]);
    });

    it('requests the URL with --probe, and warns', async () => {
      const { output } = await run(cloudinary('--probe'));
      assert.ok(standIn.deliveries().includes(`HEAD ${path}`));
      assert.match(output, / warning {3}The URL itself was requested/);
    });

    it('sends CLOUDINARY_URL to the Admin API and to no other server', async () => {
      standIn.upload('cat', 1795368841, ['c_fill,w_300']);
      const { code, output } = await run(cloudinary(), { CLOUDINARY_URL: url() });
      assert.equal(code, 3);
      assert.match(output, /\[cached_error\].* original {2}exists, jpg 864x576, version 1795368841\n/s);
      assert.match(output, /fix now {3}Use the version of the upload -> \S+\/v1795368841\/cat\.jpg/);
      assert.deepEqual(standIn.deliveries(), []);
      await run([origin + path], { CLOUDINARY_URL: url() });
      assert.deepEqual(
        received.map(({ authorization }) => authorization),
        [undefined],
      );
    });

    it('refuses a CLOUDINARY_URL that it cannot read, without repeating it', async () => {
      const broken = [
        `cloudinary://${secret}@demo`,
        `https://key:${secret}@demo`,
        secret,
        `cloudinary://%zz:${secret}@demo`,
        `cloudinary://key:${secret}%@demo`,
      ];
      const ended = await Promise.all(broken.map((text) => run(cloudinary(), { CLOUDINARY_URL: text })));
      for (const { code, output, errors } of ended) {
        assert.equal(code, 2);
        assert.match(errors, /CLOUDINARY_URL is not of the form cloudinary:/);
        assert.doesNotMatch(output + errors, new RegExp(secret));
      }
    });
  });
});
