import assert from 'node:assert/strict';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

/** Made by the official SDKs with the secret of these stories. */
const vectors = [
  'image/upload/s--5NGylTZs--/sample.jpg',
  'image/upload/s--b_6bTaJe--/c_fill,h_200,w_300/q_auto/v1719307544/folder/cat.jpg',
  'image/upload/s--b_6bTaJe--/c_fill,h_200,w_300/q_auto/v1/folder/cat.jpg',
  'image/upload/s--kshNlEyy33aFd6uPz02w8JhYzchBqGPM--/c_fill,h_200,w_300/q_auto/v1719307544/folder/cat.jpg',
  'image/upload/s--kshNlEyy--/c_fill,h_200,w_300/q_auto/v1719307544/folder/cat.jpg',
  'image/upload/s---qyj5c7z--/v1/a%20b/%C3%A9.x.jpg',
  'image/upload/s--M0c1kIMv--/v1/a%20b/%C3%A9.x.jpg',
];

describe('signed URLs', () => {
  let story: Story;
  before(async () => {
    story = await startStory({ firstVersion: 1_719_307_544 });
    for (const publicId of ['sample', 'folder/cat', 'a b/é.x']) {
      await uploaders[0]?.upload(story, publicId, await picture('red'));
    }
  });
  after(() => story.end());

  for (const path of vectors) {
    it(`are accepted: ${path}`, async () => {
      const { status, headers } = await story.ask(`/demo/${path}`);
      assert.equal(status, 200, String(headers['x-cld-error']));
    });

    it(`are refused with one character changed: ${path}`, async () => {
      const signature = /s--(.+?)--\//.exec(path)?.[1] ?? '';
      for (const at of [0, signature.length - 1]) {
        const wrong = signature.slice(0, at) + (signature[at] === 'x' ? 'y' : 'x') + signature.slice(at + 1);
        const { status, headers } = await story.ask(`/demo/${path.replace(signature, wrong)}`);
        assert.deepEqual([status, headers['x-safelight-error']], [401, 'bad_signature']);
        assert.equal(headers['cache-control'], 'no-store');
      }
    });
  }

  it('are accepted when the official SDK signs them, with short and long signatures', async () => {
    const place = { secure: false, cname: new URL(story.origin).host, sign_url: true, urlAnalytics: false };
    for (const options of [
      { width: 30, crop: 'scale', format: 'png' },
      { width: 30, height: 3, crop: 'fill', format: 'jpg', long_url_signature: true },
      { transformation: [{ angle: 90 }, { effect: 'grayscale' }], signature_algorithm: 'sha256', format: 'webp' },
    ] as const) {
      for (const publicId of ['sample', 'folder/cat', 'a b/é.x']) {
        const url = story.sdk.url(publicId, { ...place, ...options });
        assert.match(url, /\/s--[\w-]{8}(?:[\w-]{24})?--\//);
        const { status, headers } = await story.ask(url.slice(story.origin.length));
        assert.equal(status, 200, `${url}: ${headers['x-cld-error']}`);
      }
    }
  });

  it('are refused by a cloud without a secret', async () => {
    const open = await startStory({ hasCredentials: false });
    try {
      assert.equal((await open.ask(`/demo/${vectors[0]}`)).status, 401);
    } finally {
      await open.end();
    }
  });
});
