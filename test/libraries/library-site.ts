import assert from 'node:assert/strict';
import sharp from 'sharp';
import { type Story, startStory } from '../story/story.ts';

/** The original of these tests: 1600 x 1000 pixels, and its public ID. */
export const originalSize = { width: 1600, height: 1000 } as const;
export const publicId = 'wide';

/** One URL of a library, and the size that its documentation promises. */
export interface LibraryCall {
  /** The call, as a user writes it. */
  readonly call: string;
  readonly url: string;
  readonly size: readonly [width: number, height: number];
  /** @default 'image/webp', which these requests accept */
  readonly type?: string;
  /** Checks other headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Defines a test for each URL: a real server delivers it, and sharp measures the picture. */
export function deliversAll(library: string, calls: readonly LibraryCall[]): void {
  describe(`URLs of ${library}`, () => {
    let story: Story;
    before(async () => {
      story = await startStory({ cloud: { transformations: { thumb: 'c_fill,h_100,w_100' } } });
      const bytes = await sharp({ create: { ...originalSize, channels: 3, background: 'teal' } })
        .jpeg()
        .toBuffer();
      await story.client.upload(new Uint8Array(bytes), { publicId });
    });
    after(() => story.end());

    it('are at least ten', () => assert.ok(calls.length >= 10));

    for (const { call, url, size, type = 'image/webp', headers: expected = {} } of calls) {
      it(`${call} is ${size.join(' x ')}`, async () => {
        const { pathname } = new URL(url);
        const { status, headers, body } = await story.ask(pathname, { headers: { Accept: 'image/webp,*/*' } });
        assert.equal(status, 200, `${pathname}: ${headers['x-cld-error']}`);
        const { width, height } = await sharp(body).metadata();
        assert.deepEqual([[width, height], headers['content-type']], [size, type], pathname);
        for (const [name, value] of Object.entries(expected)) assert.equal(headers[name], value, pathname);
      });
    }
  });
}
