import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import { fileOriginals } from '@safelight/originals';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, listen } from '../../../../test/servers/servers.ts';

/** An application with a middleware that records all requests. */
function application(framework: typeof express5) {
  const app = framework();
  const seen: string[] = [];
  app.use((req, _res, next) => {
    seen.push(req.url);
    next();
  });
  return { app, seen };
}

describe('early mounts of a cloud', () => {
  afterEach(closeServers);

  for (const framework of [express5, express4]) {
    it(`respond for a cloud, at the root and below a path, with placeholders: Express ${framework === express4 ? 4 : 5}`, async () => {
      for (const [early, mount] of [
        [true, ''],
        ['/media', '/media'],
      ] as const) {
        const directory = await mkdtemp(join(tmpdir(), 'safelight-early-'));
        const { app, seen } = application(framework);
        const { safelight } = scene({ placeholder: 'drawn' });
        const originals = fileOriginals({ directory });
        let runs = 0;
        const delivery = cloud(safelight, 'demo', {
          early,
          originals,
          handler: async (_delivery, { original }) => {
            // The handler makes placeholders too.
            if (original.publicId === 'cat') runs += 1;
            return { contentType: 'image/png', format: 'png', body: Buffer.from('derived') };
          },
        });
        app.use(mount === '' ? '/' : mount, delivery);
        const server = await listen(safelight.listener(app));
        const path = `${mount}/demo/image/upload/w_1/cat.png`;
        const first = await ask(server, path);
        const second = await ask(server, path);
        assert.deepEqual([first.status, second.status, isHeld(second), seen.length], [404, 404, true, 1], mount);
        assert.deepEqual(second.body, first.body);
        const source = (async function* () {
          yield Buffer.from('original');
        })();
        const received = await originals.receive(source, { maxBytes: 100 });
        await originals.publish(received, { resourceType: 'image', publicId: 'cat', format: 'png' });
        await safelight.changed('cat');
        for (let i = 0; i < 3; i += 1) assert.equal((await ask(server, path)).text, 'derived');
        assert.deepEqual([runs, seen.length], [1, 2]);
        await rm(directory, { recursive: true, force: true });
      }
    });
  }
});
