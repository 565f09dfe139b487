import assert from 'node:assert/strict';
import { cloud } from '@safelight/cloud';
import type { Originals } from '@safelight/core';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { originalsThatFind } from '../../../../test/servers/originals-that-find.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';
import { basic, apiKey as firstKey, apiSecret as firstSecret } from './api-server.ts';

const secondKey = '5678';
const secondSecret = 'another-secret';
const secondBasic = `Basic ${btoa(`${secondKey}:${secondSecret}`)}`;

function originalsWith(assetId: string): Originals {
  const original = { assetId, resourceType: 'image', publicId: 'cat', version: 7, format: 'jpg', createdAt: 0 };
  return originalsThatFind(() => original);
}

describe('several clouds in one application', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    it(`each respond to calls of their name, and the first refuses all other names (${framework.name})`, async () => {
      const { safelight } = scene();
      const handler = () => assert.fail('Nothing is derived here');
      const keys = { apiKey: firstKey, apiSecret: firstSecret };
      const first = cloud(safelight, 'first', { originals: originalsWith('1'), handler, ...keys });
      const secondKeys = { apiKey: secondKey, apiSecret: secondSecret };
      const second = cloud(safelight, 'second', { originals: originalsWith('2'), handler, ...secondKeys });
      const server = await serve(framework, first, second);

      const ask = async (path: string, authorization: string): Promise<readonly [number, unknown]> => {
        const response = await fetch(server.origin + path, { headers: { authorization } });
        assert.match(response.headers.get('content-type') ?? '', /^application\/json/, path);
        assert.equal(response.headers.get('access-control-allow-origin'), '*');
        return [response.status, await response.json()];
      };
      const resource = 'resources/image/upload/cat';
      const assetIn = async (path: string, authorization: string): Promise<unknown> =>
        ((await ask(path, authorization))[1] as { readonly asset_id?: string }).asset_id;
      assert.equal(await assetIn(`/v1_1/first/${resource}`, basic), '1');
      assert.equal(await assetIn(`/v1_1/second/${resource}`, secondBasic), '2');
      assert.equal(await assetIn(`//v1_1/second/${resource}/`, secondBasic), '2');
      const refused = [401, { error: { message: 'Invalid cloud_name third' } }];
      assert.deepEqual(await ask(`/v1_1/third/${resource}`, basic), refused);
      assert.deepEqual(await ask('/v1_1/second/ping', basic), [
        401,
        { error: { message: `Unknown API key ${firstKey}` } },
      ]);
      const malformed = [400, { error: { message: 'The path has malformed percent-encoding: /v1_1/second/%E0' } }];
      assert.deepEqual(await ask('/v1_1/second/%E0', secondBasic), malformed);
    });
  }

  it('do not change routes of the application that come before them', async () => {
    const { safelight } = scene();
    const handler = () => assert.fail('Nothing is derived here');
    const [framework] = frameworks;
    assert.ok(framework);
    const server = await serve(
      framework,
      (req, res, next) => (req.url === '/v1_1/health' ? void res.end('fine') : next()),
      cloud(safelight, 'first', { originals: originalsWith('1'), handler }),
    );
    assert.equal(await (await fetch(`${server.origin}/v1_1/health`)).text(), 'fine');
  });
});
