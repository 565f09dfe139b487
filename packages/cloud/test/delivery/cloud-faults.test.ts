import assert from 'node:assert/strict';
import { cloud } from '@safelight/cloud';
import { badTransformation } from '@safelight/core';
import { ask, rungOf } from '../../../../test/servers/ask.ts';
import { originalsThatFind } from '../../../../test/servers/originals-that-find.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const original = { resourceType: 'image', publicId: 'cat', version: 7, format: 'jpg', etag: 'e', createdAt: 0 };

/** Originals that can only be found. `broken` fails like a broken disk. */
const originals = originalsThatFind((publicId) => {
  if (publicId === 'broken') throw new Error('EIO');
  return publicId === 'cat' ? original : undefined;
});

describe('cloud: faults', () => {
  afterEach(closeServers);

  it('reports errors of the handler and of the disk once in each run, and never errors of clients', async () => {
    const { safelight, faults } = scene();
    const crash = new Error('native crash');
    const server = await serve(
      frameworks[0] as (typeof frameworks)[number],
      cloud(safelight, 'demo', {
        originals,
        handler: async ({ transformation }) => {
          throw transformation.length === 0 ? crash : badTransformation('no');
        },
      }),
    );
    assert.equal((await ask(server, '/demo/image/upload/dog.jpg')).status, 404);
    assert.equal((await ask(server, '/demo/image/upload/w_1/cat.jpg')).status, 400);
    assert.equal(faults.length, 0);
    for (let i = 0; i < 2; i += 1) assert.equal(rungOf(await ask(server, '/demo/image/upload/cat.jpg')), 1);
    assert.deepEqual(faults, [crash]);
    assert.equal((await ask(server, '/demo/image/upload/broken.jpg')).status, 500);
    assert.equal(faults.length, 2);
    assert.match(String((faults[1] as { cause?: unknown }).cause), /EIO/);
  });
});
