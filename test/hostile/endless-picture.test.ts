import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { endlessSvg } from '../../packages/sharp/test/pictures.ts';
import { drawPicture } from '../browsers/site.ts';
import { type HostileScene, startServe } from './serve.ts';

describe('a hostile picture', function () {
  this.timeout(90_000);

  let scene: HostileScene;
  before(async () => {
    scene = await startServe();
  });
  after(() => scene.end());

  async function upload(bytes: Uint8Array<ArrayBuffer>, publicId: string): Promise<void> {
    const body = new FormData();
    body.append('upload_preset', 'open');
    body.append('public_id', publicId);
    body.append('file', new Blob([bytes]), 'x');
    const response = await fetch(`${scene.origin}/v1_1/demo/image/upload`, { method: 'POST', body });
    assert.equal(response.status, 200, await response.text());
  }

  it('an endless SVG stops no other picture, and ends with the server', async () => {
    await upload(endlessSvg(), 'bomb');
    await upload((await drawPicture({ width: 80, height: 60 })).bytes as Uint8Array<ArrayBuffer>, 'cat');
    // As many as there are processes, and more.
    const bombs = Array.from({ length: 6 }, (_, i) =>
      fetch(`${scene.origin}/demo/image/upload/w_${2900 + i}/bomb.png`).then(
        ({ status }) => status,
        () => undefined,
      ),
    );
    await wait(500);
    // The slots are given in turn to assets, so the next free one is for the cat.
    const cat = await fetch(`${scene.origin}/demo/image/upload/w_40/cat.png`);
    assert.equal(cat.status, 200);
    assert.ok((await bombs[0]) === 504, 'a bomb is timed_out');
    scene.server.child.kill('SIGTERM');
    const stopped = await Promise.race([scene.server.exit, wait(15_000).then(() => 'still running')]);
    assert.equal(stopped, 0);
    await Promise.all(bombs);
  });
});
