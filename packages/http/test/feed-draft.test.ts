import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { createDraft, type Draft } from '@safelight/core';
import { feedDraft } from '@safelight/http';

const content = Buffer.from('the bytes of a picture');
const options = { idleMs: 60_000 };

function draftInMemory(): Draft {
  return createDraft({ memoryBytes: 1000, store: async () => 'name' });
}

async function read(draft: Draft): Promise<Buffer> {
  return Buffer.concat((await draft.read()?.toArray()) ?? []);
}

describe('feedDraft', () => {
  it('writes the whole body, ends the draft and returns the length', async () => {
    const draft = draftInMemory();
    const reading = read(draft);
    const body = Readable.from([content.subarray(0, 5), content.subarray(5)]);
    assert.equal(await feedDraft(draft, body, { ...options, bytes: content.length }), content.length);
    assert.deepEqual(await reading, content);
    assert.equal(await draft.store({}), 'name');
  });

  const breaks: Readonly<Record<string, readonly [() => Readable, bytes: number | undefined, RegExp]>> = {
    'ends early': [() => Readable.from([content]), 30, /ended after 22 of the 30 bytes/],
    'is too long': [() => Readable.from([content]), 10, /more than the 10 bytes/],
    fails: [
      () =>
        new Readable({
          read() {
            this.destroy(new Error('disk failed'));
          },
        }),
      undefined,
      /^disk failed$/,
    ],
  };
  for (const [what, [open, bytes, message]] of Object.entries(breaks)) {
    it(`fails with the draft when the body ${what}`, async () => {
      const draft = draftInMemory();
      const readerFails = assert.rejects(read(draft), { message });
      await assert.rejects(feedDraft(draft, open(), { ...options, bytes }), { message });
      await readerFails;
      assert.equal(await draft.store({}), undefined);
    });
  }

  it('fails with the draft when the body is silent for too long', async () => {
    const draft = draftInMemory();
    const readerFails = assert.rejects(read(draft), /silent for 20 ms/);
    await assert.rejects(feedDraft(draft, new Readable({ read() {} }), { idleMs: 20 }), /silent for 20 ms/);
    await readerFails;
  });

  it('waits while the draft takes nothing, which does not count as silence of the body', async () => {
    const room = Promise.withResolvers<void>();
    const written: string[] = [];
    const slow = {
      write: (piece: Uint8Array) => {
        written.push(String(piece));
        return written.length === 1 ? room.promise : undefined;
      },
      end: () => written.push('end'),
    } as unknown as Draft;
    const feeding = feedDraft(slow, Readable.from([Buffer.from('a'), Buffer.from('b')]), { idleMs: 20 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(written, ['a']);
    room.resolve();
    assert.equal(await feeding, 2);
    assert.deepEqual(written, ['a', 'b', 'end']);
  });
});
