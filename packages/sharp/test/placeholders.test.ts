import assert from 'node:assert/strict';
import { drawnPlaceholder } from '@safelight/core';
import { sharpHandler } from '../src/sharp-handler.ts';
import { bytesOf, contextOf, decoded, deliveryOf, endlessSvg, originalOf } from './pictures.ts';

describe('placeholders of the sharp handler', function () {
  this.timeout(30_000);

  for (const placeholder of ['configured', 'named'] as const) {
    it(`a ${placeholder} one does not wait for pictures, and no picture waits for it`, async () => {
      const handler = sharpHandler({ concurrency: 1 });
      const asked = { steps: [{ width: 30, height: 20, crop: 'fill' }], extension: 'png' } as const;
      const shown = originalOf(Buffer.from(drawnPlaceholder), 'svg');
      const leaving = new AbortController();
      const endless = handler(
        deliveryOf({ steps: [{ width: 2900 }] }),
        contextOf(originalOf(endlessSvg(), 'svg', { versionId: 'endless' }), { signal: leaving.signal }),
      );
      const waiting = handler(deliveryOf(asked), contextOf(shown));
      let hasEnded = false;
      const end = Promise.allSettled([endless, waiting]).then(() => {
        hasEnded = true;
      });
      const { body } = await handler(deliveryOf(asked), { ...contextOf(shown), placeholder });
      assert.equal(hasEnded, false, 'the only slot for pictures is taken');
      const { width, height, format } = await decoded(await bytesOf(body));
      assert.deepEqual([width, height, format], [30, 20, 'png']);
      leaving.abort();
      await end;
    });
  }

  it('an endless one that a URL names takes no slot of pictures, and ends', async () => {
    const handler = sharpHandler({ concurrency: 1 });
    const leaving = new AbortController();
    const endless = handler(deliveryOf({ steps: [{ width: 2900 }] }), {
      ...contextOf(originalOf(endlessSvg(), 'svg'), { signal: leaving.signal }),
      placeholder: 'named',
    });
    const picture = originalOf(Buffer.from(drawnPlaceholder), 'svg', { versionId: 'other' });
    const { body } = await handler(deliveryOf({ steps: [{ width: 30 }], extension: 'png' }), contextOf(picture));
    assert.equal((await decoded(await bytesOf(body))).width, 30);
    leaving.abort(new Error('the client has left'));
    await assert.rejects(endless, /the client has left/);
  });
});
