import assert from 'node:assert/strict';
import { gifOfFrames, jpegOfScans, svgOfBytes, webpOfFrames } from '../../packages/sharp/test/costly-pictures.ts';
import { type HostileScene, startServe } from './serve.ts';

describe('hostile pictures', function () {
  this.timeout(90_000);

  let scene: HostileScene;
  before(async () => {
    scene = await startServe();
  });
  after(() => scene.end());

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
});
