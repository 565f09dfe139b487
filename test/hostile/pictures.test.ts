import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { gifOfFrames, jpegOfScans, svgOfBytes, webpOfFrames } from '../../packages/sharp/test/costly-pictures.ts';
import { endlessSvg } from '../../packages/sharp/test/pictures.ts';
import { drawPicture } from '../browsers/site.ts';
import { type HostileScene, startServe } from './serve.ts';

describe('hostile pictures', function () {
  this.timeout(90_000);

  let scene: HostileScene;
  beforeEach(async () => {
    scene = await startServe();
  });
  afterEach(() => scene.end());

  async function upload(bytes: Uint8Array<ArrayBuffer>, publicId: string): Promise<void> {
    const body = new FormData();
    body.append('upload_preset', 'open');
    body.append('public_id', publicId);
    body.append('file', new Blob([bytes]), 'x');
    const response = await fetch(`${scene.origin}/v1_1/demo/image/upload`, { method: 'POST', body });
    assert.equal(response.status, 200, await response.text());
  }

  for (const [what, make] of Object.entries({
    'a JPEG of 2,600 scans': () => jpegOfScans(2_600),
    'a GIF of 10,000 frames': () => gifOfFrames(10_000),
    'a WebP of 10,000 frames': () => webpOfFrames(10_000),
    'an SVG of 20 MB': () => svgOfBytes(20_000_000),
  })) {
    it(`${what} is refused when it is uploaded`, async () => {
      const body = new FormData();
      body.append('upload_preset', 'open');
      body.append('file', new Blob([await make()]), 'x');
      const response = await fetch(`${scene.origin}/v1_1/demo/auto/upload`, { method: 'POST', body });
      assert.equal(response.status, 400);
      const { error } = (await response.json()) as { readonly error: { readonly message: string } };
      assert.match(error.message, /^Invalid image file\. The original has (?:more than )?\d+ (?:scans|frames|bytes)/);
    });
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
