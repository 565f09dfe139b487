import assert from 'node:assert/strict';
import { type DamagedPictures, damagedPictures } from '../../packages/sharp/test/damaged-pictures.ts';
import { storedUnchecked } from './pictures.ts';
import { type Story, startStory } from './story.ts';

const damaged =
  'Invalid image file. The original is damaged, or not complete. Save it again with an image editor, and upload it again';

describe('a picture with defects', () => {
  let pictures: DamagedPictures;
  let story: Story;
  before(async () => {
    pictures = await damagedPictures();
  });
  beforeEach(async () => {
    story = await startStory();
  });
  afterEach(() => story.end());

  async function upload(publicId: string, bytes: Buffer, type: 'image' | 'auto' = 'image') {
    const body = new FormData();
    for (const [name, value] of Object.entries({ upload_preset: 'quickstart', public_id: publicId })) {
      body.append(name, value);
    }
    body.append('file', new Blob([new Uint8Array(bytes)]), 'photo.jpg');
    const response = await fetch(`${story.origin}/v1_1/demo/${type}/upload`, { method: 'POST', body });
    return {
      status: response.status,
      json: (await response.json()) as { readonly error?: { readonly message: string } },
    };
  }

  it('is accepted and delivered in each size when browsers show it', async () => {
    for (const [what, bytes] of Object.entries(pictures.readable)) {
      assert.equal((await upload(what, bytes)).status, 200, what);
      for (const step of ['w_20', 'c_fill,h_60,w_90', 'a_90/e_grayscale']) {
        const { status, text } = await story.ask(`/demo/image/upload/${step}/${encodeURIComponent(what)}.png`);
        assert.equal(status, 200, `${what} ${step}: ${status === 200 ? '' : text}`);
      }
    }
  });

  it('is refused at its upload when it cannot be decoded, also with auto, and the response says so', async () => {
    for (const type of ['image', 'auto'] as const) {
      for (const [what, bytes] of Object.entries(pictures.unreadable)) {
        const { status, json } = await upload('cat', bytes, type);
        assert.deepEqual([status, json.error?.message], [400, damaged], `${what}, ${type}`);
      }
    }
    assert.equal((await story.ask('/demo/image/upload/cat.jpg')).status, 404);
  });

  it('is explained by why for each size, if it was stored before', async () => {
    await storedUnchecked(story, 'cat', pictures.unreadable['half of a JPEG'] ?? assert.fail());
    for (const step of ['w_20', 'c_fill,h_60,w_90']) {
      const path = `/demo/image/upload/${step}/cat.png`;
      const { status, headers } = await story.ask(path);
      assert.deepEqual([status, headers['x-safelight-error']], [400, 'invalid_original']);
      const { text } = await story.ask(`/_safelight/why?url=${encodeURIComponent(path)}`);
      const { verdict, summary, fixes } = JSON.parse(text) as Readonly<Record<string, unknown>>;
      assert.deepEqual([verdict, summary], ['damaged_original', `${damaged}.`]);
      assert.deepEqual(fixes, [{ label: 'Upload the original again, from a copy that other programs can open' }]);
    }
  });
});
