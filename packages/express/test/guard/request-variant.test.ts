import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import express from 'express';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, listen, serve } from '../../../../test/servers/servers.ts';

const missing: RequestHandler = (_req, res) => void res.writeHead(404).end();
const picture: RequestHandler = (_req, res) => {
  res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end('cat');
};
const host = (name: string) => ({ headers: { Host: name } });

describe('guard: requests that share a failure', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('are those for one host: a failure for a foreign host is not shown to others', async () => {
        const work = counted((req, res) => void res.writeHead(req.headers.host === 'evil' ? 404 : 200).end('cat'));
        const server = await serve(framework, scene().safelight.guard(work));
        await ask(server, '/cat', host('evil'));
        assert.equal((await ask(server, '/cat', host('example.org'))).text, 'cat');
        assert.equal(isHeld(await ask(server, '/cat', host('evil'))), true);
      });

      it('a host of an attacker does not replace a cached response', async () => {
        const work = counted((req, res, next) => (req.headers.host === 'evil' ? missing : picture)(req, res, next));
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        await ask(server, '/cat', host('evil'));
        assert.equal((await ask(server, '/cat', host('example.org'))).text, 'cat');
        assert.equal((await ask(server, '/cat', host('example.org'))).text, 'cat');
        assert.equal(work.runs, 2);
      });

      it('hosts: listed ones have ladders of their own, all others share one', async () => {
        const work = counted(missing);
        const server = await serve(framework, scene().safelight.guard(work, { hosts: ['Example.org'] }));
        for (const name of ['example.org', 'a', 'b', 'c', 'example.org']) await ask(server, '/cat', host(name));
        assert.equal(work.runs, 2);
      });

      it('without hosts: at most 16 for one derivation, and the oldest is forgotten', async () => {
        const work = counted(missing);
        const server = await serve(framework, scene().safelight.guard(work));
        for (let i = 0; i < 17; i += 1) await ask(server, '/cat', host(`h${i}`));
        assert.equal(isHeld(await ask(server, '/cat', host('h1'))), true);
        assert.equal(isHeld(await ask(server, '/cat', host('h0'))), false);
        assert.equal(work.runs, 18);
      });

      it('vary: one record for each value, which is not stored', async () => {
        const work = counted((req, res) => void res.writeHead(req.headers['x-key'] === 'good' ? 200 : 404).end('cat'));
        const { safelight, values } = { ...scene(), values: [] as unknown[] };
        const server = await serve(framework, safelight.guard(work, { vary: ['X-Key'] }));
        const key = (value: string) => ({ headers: { 'X-Key': value } });
        assert.equal((await ask(server, '/cat')).status, 404);
        assert.equal((await ask(server, '/cat', key('good'))).status, 200);
        const bad = await ask(server, '/cat', key('bad'));
        assert.deepEqual([bad.status, isHeld(bad), bad.headers.vary], [404, false, 'x-key']);
        assert.equal(isHeld(await ask(server, '/cat', key('bad'))), true);
        assert.equal(work.runs, 3);
        assert.doesNotMatch(JSON.stringify(values), /bad/);
      });

      it('a missing original is missing for every host and every value', async () => {
        const work = counted((_req, res) => void res.writeHead(404, { 'X-Safelight-Missing-Original': '1' }).end());
        const options = { vary: ['cookie'], asset: () => 'cat' };
        const server = await serve(framework, scene().safelight.guard(work, options));
        for (let i = 0; i < 5; i += 1)
          await ask(server, `/cat?w=${i}`, { headers: { Host: `h${i}`, Cookie: `a=${i}` } });
        assert.equal(work.runs, 1);
      });
    });
  }

  it('behind a trusted proxy the forwarded host and protocol count, and otherwise they do not', async () => {
    for (const [trusted, runs] of [
      [true, 3],
      [false, 1],
    ] as const) {
      const work = counted(missing);
      const app = express();
      app.set('trust proxy', trusted);
      app.use(scene().safelight.guard(work));
      const server = await listen(app);
      await ask(server, '/cat');
      await ask(server, '/cat', { headers: { 'X-Forwarded-Host': 'b' } });
      await ask(server, '/cat', { headers: { 'X-Forwarded-Proto': 'https' } });
      assert.equal(work.runs, runs);
    }
  });
});
