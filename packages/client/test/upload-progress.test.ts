import assert from 'node:assert/strict';
import { createUploader, type UploadPhase, type UploadProgress } from '@safelight/client/upload';
import fc from 'fast-check';
import { createProgressFeed, nextProgress } from '../src/upload/progress-feed.ts';
import { catResponse } from './recorded-responses.ts';
import { respondWithJson, startTestServer } from './upload-server.ts';

const file = new Blob([new Uint8Array(100)]);
const start: UploadProgress = { phase: 'queued', sentBytes: 0, totalBytes: 100, file };
const phases: readonly UploadPhase[] = ['queued', 'sending', 'processing', 'ready', 'failed', 'aborted', 'offline'];
/** `offline` interrupts `sending`, so neither is before the other. */
const rank = (phase: UploadPhase): number =>
  ['queued', 'sending', 'processing'].indexOf(phase.replace('offline', 'sending')) >>> 0;
const isEnd = (phase: UploadPhase): boolean => /^(?:ready|failed|aborted)$/.test(phase);

describe('nextProgress()', () => {
  const news = fc.tuple(fc.constantFrom(...phases.slice(1)), fc.nat(100), fc.boolean());

  it('in any order of changes, only a restart sets bytes or phases back, and nothing follows a final phase', () => {
    fc.assert(
      fc.property(fc.array(news, { maxLength: 30 }), (all) => {
        let latest = start;
        for (const [phase, sentBytes, isRestart] of all) {
          const next = nextProgress(latest, phase, sentBytes, isRestart);
          if (isEnd(latest.phase)) assert.equal(next, latest);
          if (!isRestart) {
            assert.ok(next.sentBytes >= latest.sentBytes);
            assert.ok(rank(next.phase) >= rank(latest.phase));
          }
          assert.equal(next.totalBytes, 100);
          latest = next;
        }
      }),
    );
  });
});

describe('the progress feed', () => {
  it('a slow reader misses byte counts, but no phase', async () => {
    const feed = createProgressFeed(file, undefined);
    const reading = feed[Symbol.asyncIterator]();
    const read = async () => (await reading.next()).value;
    assert.deepEqual(await read(), start);
    for (const sentBytes of [10, 20, 100]) feed.push('sending', sentBytes);
    feed.push('processing');
    feed.push('sending', 0, true);
    feed.push('sending', 50);
    feed.push('failed');
    feed.push('ready', 100);
    const rest: unknown[] = [];
    for (let next = await read(); next !== undefined; next = await read()) {
      rest.push([next.phase, next.sentBytes]);
    }
    assert.deepEqual(rest, [
      ['sending', 100],
      ['processing', 100],
      ['sending', 50],
      ['failed', 50],
    ]);
  });

  it('can have several readers, and a reader may stop', async () => {
    const feed = createProgressFeed(file, undefined);
    const first = (async () => {
      for await (const { phase } of feed) if (phase === 'sending') break;
    })();
    const second = (async () => {
      let last: UploadPhase | undefined;
      for await (const { phase } of feed) last = phase;
      return last;
    })();
    feed.push('sending', 1);
    await first;
    feed.push('ready', 100);
    assert.equal(await second, 'ready');
  });
});

describe('the progress of real uploads', () => {
  it('is correct for all part sizes and lost connections', async () => {
    const script = fc.record({
      bytes: fc.integer({ min: 1, max: 300_000 }),
      chunkBytes: fc.integer({ min: 40_000, max: 400_000 }),
      /** The requests that lose their connection after they have arrived. */
      lost: fc.uniqueArray(fc.nat(6), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(script, async ({ bytes, chunkBytes, lost }) => {
        const arrived = new Map<string, number>();
        const server = await startTestServer((request, res) => {
          const { headers, fields } = request;
          if (lost.includes(server.requests.length - 1)) {
            res.socket?.destroy();
            return;
          }
          const [, first = '0', last = ''] = /^bytes (\d+)-(\d+)/.exec(headers['content-range'] ?? '') ?? [];
          arrived.set(first, fields.at(-1)?.value.length ?? 0);
          respondWithJson(res, last === '' || Number(last) === bytes - 1 ? catResponse : { done: false });
        });
        try {
          const upload = createUploader({ endpoint: server.origin, cloudName: 'demo', chunkBytes, random: () => 0 });
          const told: UploadProgress[] = [];
          await upload(new Blob([new Uint8Array(bytes)]), { onProgress: (progress) => told.push(progress) });
          assert.equal(
            [...arrived.values()].reduce((sum, length) => sum + length, 0),
            bytes,
          );
          for (const [index, { phase, sentBytes, totalBytes }] of told.entries()) {
            const { phase: before = 'queued', sentBytes: sentBefore = 0 } = told[index - 1] ?? {};
            assert.equal(totalBytes, bytes);
            if (phase === 'processing' || phase === 'ready') assert.deepEqual([sentBefore, sentBytes], [bytes, bytes]);
            // Only a repeat sets it back, to the start of a part.
            if (sentBytes < sentBefore) assert.equal(sentBytes % chunkBytes, 0);
            if (phase === 'sending' && before === 'processing') assert.equal(sentBytes % chunkBytes, 0);
          }
          const falls = told.filter(({ sentBytes }, index) => sentBytes < (told[index - 1]?.sentBytes ?? 0));
          assert.ok(falls.length <= lost.length);
          assert.equal(told.at(-1)?.phase, 'ready');
        } finally {
          await server.close();
        }
      }),
      { numRuns: 12 },
    );
  });
});
