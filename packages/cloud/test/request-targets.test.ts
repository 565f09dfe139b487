import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import { fileOriginals } from '@safelight/originals';
import { askTarget, isHit, oddRequestLines } from '../../../test/servers/ask-target.ts';
import { casesOfRun } from '../../../test/servers/cases-of-run.ts';
import { scene } from '../../../test/servers/scene.ts';
import { closeServers, express4, express5, frameworks, listen, serve } from '../../../test/servers/servers.ts';

const host = 'https://pictures.example:8443';

function uploadOf(name: string): string {
  const field = (id: string, text: string) => `--b\r\nContent-Disposition: form-data; name="${id}"\r\n\r\n${text}\r\n`;
  const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nbytes\r\n--b--\r\n';
  const body = field('upload_preset', 'browser') + field('public_id', name) + file;
  return `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe('cloud: a request target in absolute-form (RFC 9112 section 3.2.2) works like one in origin-form', () => {
  let directory: string;
  let runs: number;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-targets-'));
    runs = 0;
  });
  afterEach(async () => {
    await closeServers();
    await rm(directory, { recursive: true, force: true });
  });

  function demo({ early = false }: { readonly early?: boolean | string } = {}) {
    const { safelight, faults } = scene();
    const delivery = cloud(safelight, 'demo', {
      originals: fileOriginals({ directory }),
      handler: async () => {
        runs += 1;
        return { contentType: 'image/png', format: 'png', body: Buffer.from('derived') };
      },
      uploadPresets: ['browser'],
      early,
    });
    return { safelight, delivery, faults };
  }

  for (const framework of casesOfRun(frameworks)) {
    it(`${framework.name}: upload, delivery, control routes`, async () => {
      const { delivery } = demo();
      const server = await serve(framework, delivery);
      const path = '/demo/image/upload/w_1/cat.png';
      assert.equal((await askTarget(server, `GET ${path}`)).status, 404);
      const held = await askTarget(server, `GET ${host}${path}`);
      assert.deepEqual([held.status, isHit(held)], [404, true]);

      const target = `${host}/v1_1/demo/image/upload`;
      assert.equal((await askTarget(server, `OPTIONS ${target}`)).status, 204);
      const uploaded = await askTarget(server, `POST ${target}`, uploadOf('cat'));
      assert.equal(uploaded.status, 200, uploaded.body);
      const { url, secure_url: secureUrl } = JSON.parse(uploaded.body);
      // The host of the target, not that of `Host` (RFC 9112 section 3.2.2).
      for (const one of [url, secureUrl]) assert.ok(String(one).startsWith(`${host}/demo/image/upload/v`), one);

      const made = await askTarget(server, `GET ${host}${path}`);
      assert.deepEqual([made.status, made.body, isHit(made)], [200, 'derived', false]);
      const again = await askTarget(server, `GET ${path}`);
      assert.deepEqual([again.status, isHit(again), runs], [200, true, 1]);

      const status = await askTarget(server, `GET ${host}/_safelight/assets/image/cat`);
      assert.deepEqual([status.status, JSON.parse(status.body).exists], [200, true]);
      const why = await askTarget(server, `GET ${host}/_safelight/why?url=${host}${path}`);
      assert.deepEqual([why.status, JSON.parse(why.body).verdict], [200, 'ok']);
    });

    it(`${framework.name}: an upload to a target without a host, or with more than one, is refused`, async () => {
      const server = await serve(framework, demo().delivery);
      for (const origin of ['http://', 'http://user@pictures.example', 'http://a,b']) {
        const { status, body } = await askTarget(server, `POST ${origin}/v1_1/demo/image/upload`, uploadOf('cat'));
        assert.deepEqual([status, JSON.parse(body).error.message], [400, 'Invalid host in the request target'], origin);
      }
    });

    it(`${framework.name}: targets without a path and malformed request lines do not stop the server`, async () => {
      const { safelight, delivery, faults } = demo({ early: true });
      const server = await listen(safelight.listener(framework.listenerOf([delivery])));
      for (const line of oddRequestLines) assert.ok((await askTarget(server, line)).status < 500, line);
      assert.deepEqual(faults, []);
      assert.equal((await askTarget(server, 'GET /demo/image/upload/cat.png')).status, 404);
    });
  }

  for (const express of [express5, express4]) {
    it(`below a path of Express ${express === express5 ? 5 : 4}, early`, async () => {
      const { safelight, delivery } = demo({ early: '/media' });
      const app = express();
      let seen = 0;
      app.use((_req, _res, next) => {
        seen += 1;
        next();
      });
      app.use('/media', delivery);
      const server = await listen(safelight.listener(app));
      const path = '/media/demo/image/upload/w_1/cat.png';
      assert.equal((await askTarget(server, `GET ${host}${path}`)).status, 404);
      for (const target of [path, host + path]) {
        const held = await askTarget(server, `GET ${target}`);
        assert.deepEqual([held.status, isHit(held), seen], [404, true, 1], target);
      }
      const uploaded = await askTarget(server, `POST ${host}/media/v1_1/demo/image/upload`, uploadOf('cat'));
      assert.ok(JSON.parse(uploaded.body).url.startsWith(`${host}/media/demo/image/upload/v`), uploaded.body);
      assert.equal((await askTarget(server, `GET ${host}${path}`)).body, 'derived');
    });
  }
});
