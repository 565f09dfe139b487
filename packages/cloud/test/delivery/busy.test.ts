import assert from 'node:assert/strict';
import { cloud } from '@safelight/cloud';
import { type Handler, TransformError } from '@safelight/core';
import { ask } from '../../../../test/servers/ask.ts';
import { originalsThatFind } from '../../../../test/servers/originals-that-find.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, listen } from '../../../../test/servers/servers.ts';

const original = { resourceType: 'image', publicId: 'cat', version: 7, format: 'jpg', etag: 'e', createdAt: 0 };
const originals = originalsThatFind(() => original);

describe('a picture that was not begun, because the server is busy', () => {
  afterEach(closeServers);

  for (const [why, error] of [
    [
      'too many pictures wait',
      new TransformError('busy', 'Too many pictures wait to be made', { retryAfterMs: 2_000 }),
    ],
    ['too many files are open', Object.assign(new Error('EMFILE: too many open files, open x'), { code: 'EMFILE' })],
  ] as const) {
    it(`is a 503 with Retry-After and is not held: ${why}`, async () => {
      const { safelight, faults } = scene();
      let runs = 0;
      const handler: Handler = async () => {
        runs += 1;
        if (runs === 1) throw error;
        return { contentType: 'image/jpeg', format: 'jpg', body: Buffer.from('cat') };
      };
      const mount = cloud(safelight, 'demo', { originals, handler });
      const server = await listen((req, res) => void mount(req, res, () => res.writeHead(404).end()));
      const first = await ask(server, '/demo/image/upload/w_10/cat.jpg');
      assert.equal(first.status, 503);
      assert.equal(first.headers['retry-after'], '2');
      assert.match(String(first.headers['cache-control']), /no-store/);
      const second = await ask(server, '/demo/image/upload/w_10/cat.jpg');
      assert.deepEqual([second.status, second.body.toString(), runs], [200, 'cat', 2]);
      assert.ok(faults.length <= 1);
    });
  }
});
