import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import { ask } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';

const nodeHttp = frameworks[2] as Framework;

describe('the response in place of a failed handler', () => {
  afterEach(closeServers);

  it('onError gets a timeout of the guard, but not a 504 of the handler', async () => {
    const { safelight, faults } = scene({ timeoutMs: 20 });
    const handler: RequestHandler = (req, res) => {
      if (req.url === '/504') res.writeHead(504).end();
    };
    const server = await serve(nodeHttp, safelight.guard(handler));
    assert.equal((await ask(server, '/504')).status, 504);
    assert.deepEqual(faults, []);
    assert.equal((await ask(server, '/hangs')).status, 504);
    assert.match(String(faults), /took longer than 20 ms/);
  });

  it('a failed URL can be explained afterwards', async () => {
    const { safelight } = scene();
    const guarded = safelight.guard((_req, res) => void res.writeHead(404).end(), { asset: () => 'cat' });
    const server = await serve(nodeHttp, guarded);
    await ask(server, '/cat?w=300');
    const { cached, verdict } = await safelight.why('/cat?w=300');
    assert.deepEqual({ cached, verdict }, { cached: true, verdict: 'missing_original' });
  });

  it('has the cache tags of the asset, and the placeholder with its status', async () => {
    const { safelight } = scene({ placeholder: 'drawn', placeholderStatus: 200 });
    const guarded = safelight.guard((_req, res) => void res.writeHead(404).end(), {
      asset: (req) => req.url?.slice(1),
    });
    const server = await serve(nodeHttp, guarded);
    const headers = { 'Sec-Fetch-Dest': 'image' };
    const [cat, dog] = [await ask(server, '/cat', { headers }), await ask(server, '/dog', { headers })];
    assert.deepEqual([cat.status, cat.headers['content-type']], [200, 'image/svg+xml']);
    assert.notEqual(cat.headers['cache-tag'], undefined);
    assert.notEqual(cat.headers['cache-tag'], dog.headers['cache-tag']);
  });
});
