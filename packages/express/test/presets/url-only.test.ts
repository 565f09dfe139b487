import assert from 'node:assert/strict';
import { ask } from '../../../../test/servers/ask.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';
import type { GuardRouteOptions } from '../../src/guard/guard-route-options.ts';
import { imgproxy } from '../../src/presets/imgproxy.ts';
import { ipx } from '../../src/presets/ipx.ts';
import { nextImage } from '../../src/presets/next-image.ts';
import { querySource } from '../../src/presets/query-source.ts';
import { thumbor } from '../../src/presets/thumbor.ts';

const presets: readonly (readonly [name: string, preset: GuardRouteOptions, path: string, isUrlOnly: boolean])[] = [
  ['ipx()', ipx(), '/w_300/cat.jpg', true],
  ['imgproxy()', imgproxy(), '/unsafe/rs:fill:300:300/plain/http://b/cat.jpg', true],
  ['thumbor()', thumbor(), '/unsafe/300x200/b/cat.jpg', true],
  ['nextImage()', nextImage(), '/_next/image?url=%2Fcat.jpg&w=640&q=75', true],
  // Any handler may read `?src=`, so nothing is known about what else it looks at.
  ['querySource()', querySource(), '/?src=cat.jpg&w=300', false],
];

describe('presets: servers that look at nothing but the URL', () => {
  afterEach(closeServers);

  for (const [name, preset, path, isUrlOnly] of presets) {
    for (const status of [400, 403, 413, 415, 422, 451]) {
      it(`${name}: a ${status} is ${isUrlOnly ? 'held for all hosts' : 'not held'}`, async () => {
        const { safelight } = scene();
        const work = counted((_req, res) => void res.writeHead(status).end('no'));
        const server = await serve(frameworks[2] as Framework, safelight.guard(work, preset));
        for (const host of ['a', 'a', 'b.example']) {
          assert.equal((await ask(server, path, { headers: { host } })).status, status);
        }
        assert.equal(work.runs, isUrlOnly ? 1 : 3);
      });
    }

    it(`${name}: a 403 is not shown to, or held for, a request with a cookie`, async () => {
      const { safelight } = scene();
      const work = counted((_req, res) => void res.writeHead(403).end('no'));
      const server = await serve(frameworks[2] as Framework, safelight.guard(work, preset));
      for (const headers of [{ cookie: 'a=b' }, {}, { cookie: 'a=b' }, {}]) {
        assert.equal((await ask(server, path, { headers })).status, 403);
      }
      assert.equal(work.runs, isUrlOnly ? 3 : 4);
    });

    it(`${name}: a 500 is held ${isUrlOnly ? 'for all hosts' : 'for its host'}`, async () => {
      const { safelight } = scene();
      const work = counted((_req, res) => void res.writeHead(500).end('no'));
      const server = await serve(frameworks[2] as Framework, safelight.guard(work, preset));
      for (const host of ['a', 'a', 'b.example', 'b.example']) {
        assert.equal((await ask(server, path, { headers: { host } })).status, 500);
      }
      assert.equal(work.runs, isUrlOnly ? 1 : 2);
    });
  }
});
