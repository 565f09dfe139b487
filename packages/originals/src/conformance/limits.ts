import assert from 'node:assert/strict';
import { type Check, cat, chunksOf, current, dog, endless, failingAfter, receive, silentAfter } from './scene.ts';

export function limitsConformance(check: Check): void {
  check('refuse one byte too many, and accept the next upload', async ({ originals }) => {
    await assert.rejects(originals.receive(chunksOf('1234', '5'), { maxBytes: 4 }), {
      name: 'PayloadTooLargeError',
      maxBytes: 4,
    });
    assert.equal((await originals.receive(chunksOf('12', '34'), { maxBytes: 4 })).bytes, 4);
  });

  check('end an endless source', async ({ originals }) => {
    const source = endless();
    await assert.rejects(originals.receive(source, { maxBytes: 100_000 }), { name: 'PayloadTooLargeError' });
    assert.equal((await source.next()).done, true);
  });

  check('end a silent source when the signal aborts', async ({ originals }) => {
    const controller = new AbortController();
    const receiving = originals.receive(
      silentAfter('first', () => controller.abort(new Error('client left'))),
      {
        maxBytes: 100,
        signal: controller.signal,
      },
    );
    await assert.rejects(receiving, { message: 'client left' });
  });

  check('refuse an upload with an aborted signal', async ({ originals }) => {
    const receiving = originals.receive(chunksOf('late'), { maxBytes: 100, signal: AbortSignal.abort() });
    await assert.rejects(receiving, { name: 'AbortError' });
  });

  check('reject with the error of the source', async ({ originals }) => {
    await assert.rejects(originals.receive(failingAfter('half'), { maxBytes: 100 }), { message: 'connection reset' });
  });

  check('refuse to publish discarded bytes, and published bytes a second time', async ({ originals }) => {
    const discarded = await receive(originals, 'bytes');
    await discarded.discard();
    await discarded.discard();
    await assert.rejects(originals.publish(discarded, { ...cat, format: 'jpg' }));
    assert.equal(await originals.find(cat), undefined);
    const published = await receive(originals, 'bytes');
    await originals.publish(published, { ...cat, format: 'jpg' });
    await published.discard();
    await assert.rejects(originals.publish(published, { ...dog, format: 'jpg' }));
    assert.equal(await current(originals, cat), 'bytes');
  });
}
