import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { Draft } from '../src/derivatives.ts';
import { createDraft, type EndedDraft } from '../src/draft.ts';
import { type RecordedSink, recordedSink } from './recorded-sink.ts';

const KIB = 1024;
const WINDOW_BYTES = 64 * KIB;

interface Scene {
  readonly draft: Draft;
  readonly stored: EndedDraft<RecordedSink>[];
}

function scene(openSink?: () => Promise<RecordedSink>, memoryBytes: number = WINDOW_BYTES): Scene {
  const stored: EndedDraft<RecordedSink>[] = [];
  const draft = createDraft<RecordedSink>({
    memoryBytes,
    ...(openSink === undefined ? {} : { openSink }),
    async store(ended) {
      stored.push(ended);
      return 'name';
    },
  });
  return { draft, stored };
}

function filled(bytes: number, seed = 1): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 31 + (at >> 8) * seed) & 0xff));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url');
}

function reading(stream: Readable | undefined): Promise<Buffer> {
  assert.ok(stream, 'too late to read');
  return stream.toArray().then((chunks) => Buffer.concat(chunks));
}

async function isOpen(room: Promise<void> | undefined): Promise<boolean> {
  let isDone = room === undefined;
  room?.then(() => {
    isDone = true;
  });
  for (let turn = 0; turn < 20 && !isDone; turn += 1) await setImmediate();
  return isDone;
}

async function writeAll(draft: Draft, content: Buffer, pieceBytes: number = 16 * KIB): Promise<void> {
  for (let start = 0; start < content.length; start += pieceBytes) {
    await draft.write(content.subarray(start, start + pieceBytes));
  }
  draft.end();
}

describe('a draft that fits into memory', () => {
  it('is read while it is written, and again after its end', async () => {
    const { draft } = scene();
    const early = draft.read();
    assert.ok(early);
    const chunks = early[Symbol.asyncIterator]();
    for (const piece of ['one', 'two', 'three']) {
      assert.equal(draft.write(Buffer.from(piece)), undefined);
      assert.equal(String((await chunks.next()).value), piece);
    }
    draft.end();
    assert.equal((await chunks.next()).done, true);
    assert.equal(String(await reading(draft.read())), 'onetwothree');
  });

  it('is stored with its length and digest, in memory that it shares with no other `Buffer`', async () => {
    const { draft, stored } = scene();
    const shared = Buffer.from('what came before, and the picture').subarray(18);
    draft.write(shared);
    draft.end();
    assert.equal(await draft.store({ type: 'image/png' }), 'name');
    const [ended] = stored;
    assert.equal(String(ended?.body), 'and the picture');
    assert.equal(ended?.body?.buffer.byteLength, 15);
    assert.equal(ended?.bytes, 15);
    assert.equal(ended?.digest, sha256(Buffer.from('and the picture')));
  });

  it('is not copied if it was written in one piece that shares its memory with no other', async () => {
    const { draft, stored } = scene();
    const picture = Buffer.allocUnsafeSlow(40_000).fill(7);
    draft.write(picture);
    draft.end();
    await draft.store({});
    assert.ok(stored[0]?.body?.buffer === picture.buffer);
  });

  it('may be empty', async () => {
    const { draft, stored } = scene();
    assert.equal(draft.write(new Uint8Array()), undefined);
    const early = reading(draft.read());
    draft.end();
    assert.equal((await early).length, 0);
    assert.equal((await reading(draft.read())).length, 0);
    assert.equal(await draft.store({}), 'name');
    assert.equal(stored[0]?.digest, sha256(Buffer.alloc(0)));
  });

  it('gives its readers large chunks, even if each byte is written separately', async () => {
    const { draft } = scene();
    const content = filled(20_000);
    for (const byte of content) draft.write(Uint8Array.of(byte));
    draft.end();
    const chunks = await draft.read()?.toArray();
    assert.deepEqual(Buffer.concat(chunks ?? []), content);
    assert.ok((chunks?.length ?? 0) < 10, `${chunks?.length} chunks`);
  });

  it('is stored once, even if `store` is called several times', async () => {
    const { draft, stored } = scene();
    draft.end();
    assert.deepEqual(await Promise.all([draft.store({}), draft.store({}), draft.store({})]), ['name', 'name', 'name']);
    assert.equal(stored.length, 1);
  });
});

describe('a draft that is larger, with a sink', () => {
  it('is written to the sink completely, and is stored there', async () => {
    const sink = recordedSink();
    const { draft, stored } = scene(async () => sink);
    const content = filled(300 * KIB);
    const early = reading(draft.read());
    await writeAll(draft, content);
    const late = reading(draft.read());
    assert.equal(await draft.store({}), 'name');
    assert.equal(stored[0]?.sink, sink);
    assert.equal(stored[0]?.bytes, content.length);
    assert.equal(stored[0]?.digest, sha256(content));
    assert.deepEqual(sink.content(), content);
    assert.deepEqual(await early, content);
    assert.deepEqual(await late, content);
    assert.equal(sink.closed(), 1);
    assert.equal(draft.read(), undefined, 'after `store` it is opened by its name');
  });

  it('does not wait for a reader that does not read', async () => {
    const { draft } = scene(async () => recordedSink());
    const content = filled(500 * KIB);
    const slow = draft.read();
    await writeAll(draft, content);
    assert.deepEqual(await reading(slow), content);
  });

  it('waits for a slow sink', async () => {
    let goOn = (): void => undefined;
    const pace = () =>
      new Promise<void>((resolve) => {
        goOn = resolve;
      });
    const { draft } = scene(async () => recordedSink({ pace }));
    const room = draft.write(filled(3 * WINDOW_BYTES));
    assert.equal(await isOpen(room), false);
    goOn();
    assert.equal(await isOpen(room), true);
  });

  it('closes the sink only when the last reader has left', async () => {
    const sink = recordedSink();
    const { draft } = scene(async () => sink);
    const [one, other] = [draft.read(), draft.read()];
    const content = filled(300 * KIB);
    await writeAll(draft, content);
    await draft.store({});
    one?.destroy();
    assert.equal(sink.closed(), 0);
    assert.deepEqual(await reading(other), content);
    assert.equal(sink.closed(), 1);
  });

  it('lets readers continue after a discard, and then closes the sink', async () => {
    const sink = recordedSink();
    const { draft } = scene(async () => sink);
    const reader = draft.read();
    const content = filled(300 * KIB);
    await draft.write(content.subarray(0, 100 * KIB));
    draft.discard();
    await draft.write(content.subarray(100 * KIB));
    draft.end();
    assert.deepEqual(await reading(reader), content);
    assert.equal(sink.closed(), 1);
    assert.equal(await draft.store({}), undefined);
  });

  for (const how of ['store', 'fail', 'discard'] as const) {
    it(`closes the sink at once if there is no reader: ${how}`, async () => {
      const sink = recordedSink();
      const { draft } = scene(async () => sink);
      await draft.write(filled(3 * WINDOW_BYTES));
      await setImmediate();
      if (how === 'fail') draft.fail(new Error('aborted'));
      if (how === 'discard') draft.discard();
      draft.end();
      await draft.store({});
      await setImmediate();
      assert.equal(sink.closed(), 1);
    });
  }

  it('creates no readers after it was discarded during an append to the sink', async () => {
    const { draft } = scene(async () => recordedSink({ pace: () => setImmediate() }));
    draft.write(filled(3 * WINDOW_BYTES));
    await Promise.resolve();
    draft.discard();
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    assert.equal(draft.read(), undefined);
  });

  it('gives no chunk to a reader that has left during a read from the sink', async () => {
    let goOn = (): void => undefined;
    const sink = recordedSink();
    const slow = {
      ...sink,
      read: async (start: number, end: number) => {
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        return sink.read(start, end);
      },
    };
    const { draft } = scene(async () => slow);
    const reader = draft.read();
    await writeAll(draft, filled(300 * KIB));
    let chunks = 0;
    reader?.on('data', () => {
      chunks += 1;
    });
    await setImmediate();
    reader?.destroy();
    goOn();
    await setImmediate();
    assert.equal(chunks, 0);
  });

  for (const how of ['fail', 'discard'] as const) {
    it(`closes a sink that is still being opened: ${how}`, async () => {
      const sink = recordedSink();
      const { draft, stored } = scene(() => setImmediate(sink));
      const room = draft.write(filled(3 * WINDOW_BYTES));
      if (how === 'fail') draft.fail(new Error('aborted'));
      else draft.discard();
      assert.equal(await isOpen(room), true);
      await setImmediate();
      assert.equal(sink.closed(), 1);
      assert.equal(await draft.store({}), undefined);
      assert.equal(stored.length, 0);
    });
  }
});

describe('a draft whose sink fails', () => {
  const openings: Readonly<Record<string, () => Promise<RecordedSink>>> = {
    'at once': () => Promise.reject(new Error('EMFILE: too many open files')),
    'in the middle': async () => recordedSink({ maxBytes: 200 * KIB }),
  };
  for (const [when, openSink] of Object.entries(openings)) {
    it(`is delivered, and not stored: ${when}`, async () => {
      const { draft, stored } = scene(openSink);
      const content = filled(600 * KIB);
      const readers = [draft.read(), draft.read()].map(reading);
      await writeAll(draft, content);
      for (const read of readers) assert.deepEqual(await read, content);
      assert.equal(await draft.store({}), undefined);
      assert.equal(stored.length, 0);
    });
  }

  it('still serves a slow reader, and waits for it', async () => {
    const sink = recordedSink({ maxBytes: 200 * KIB });
    const { draft } = scene(async () => sink);
    const content = filled(600 * KIB);
    const slow = draft.read();
    const writing = writeAll(draft, content);
    assert.equal(await isOpen(writing), false);
    assert.deepEqual(await reading(slow), content);
    await writing;
    assert.equal(sink.closed(), 1);
  });

  it('lets the run end after all its clients have left', async () => {
    const { draft } = scene(async () => recordedSink({ maxBytes: 200 * KIB }));
    const reader = draft.read();
    const writing = writeAll(draft, filled(600 * KIB));
    reader?.destroy();
    await writing;
    assert.equal(draft.read(), undefined);
  });

  it('fails only for the reader whose read from the sink fails', async () => {
    const sink = {
      ...recordedSink({ pace: () => setImmediate() }),
      read: () => Promise.reject(new Error('EIO: i/o error')),
    };
    const { draft } = scene(async () => sink);
    const content = filled(600 * KIB);
    const behind = draft.read();
    const ahead = reading(draft.read());
    await writeAll(draft, content);
    await assert.rejects(reading(behind), { message: 'EIO: i/o error' });
    assert.deepEqual(await ahead, content);
    assert.equal(await draft.store({}), 'name');
  });
});

describe('a draft that is larger, without a sink', () => {
  it('waits for the slowest reader', async () => {
    const { draft, stored } = scene();
    const content = filled(600 * KIB);
    const [slow, fast] = [draft.read(), reading(draft.read())];
    const writing = writeAll(draft, content);
    assert.equal(await isOpen(writing), false);
    assert.deepEqual(await reading(slow), content);
    assert.deepEqual(await fast, content);
    await writing;
    assert.equal(await draft.store({}), undefined);
    assert.equal(stored.length, 0);
  });

  it('continues when the slow reader leaves', async () => {
    const { draft } = scene();
    const content = filled(600 * KIB);
    const [slow, fast] = [draft.read(), reading(draft.read())];
    const writing = writeAll(draft, content);
    assert.equal(await isOpen(writing), false);
    slow?.destroy();
    assert.deepEqual(await fast, content);
    await writing;
  });

  it('creates no reader after the first bytes were dropped', async () => {
    const { draft } = scene();
    const early = draft.read();
    draft.write(filled(60 * KIB));
    const inTime = draft.read();
    const rest = writeAll(draft, filled(60 * KIB));
    const contents = Promise.all([reading(early), reading(inTime)]);
    await rest;
    assert.equal(draft.read(), undefined);
    for (const content of await contents) assert.equal(content.length, 120 * KIB);
  });

  it('drops bytes without a reader', async () => {
    const { draft } = scene();
    const piece = filled(16 * KIB);
    for (let round = 0; round < 100; round += 1) assert.equal(draft.write(piece), undefined);
    draft.end();
    assert.equal(draft.read(), undefined);
  });
});

describe('a draft that fails', () => {
  const sinks = { 'in memory': undefined, 'in a sink': async () => recordedSink(), 'in the window': undefined };
  for (const [where, openSink] of Object.entries(sinks)) {
    it(`fails for every reader, also for one without listeners: ${where}`, async () => {
      const { draft } = scene(openSink, where === 'in memory' ? 1024 * KIB : WINDOW_BYTES);
      const [listening, later, piped] = [draft.read(), draft.read(), draft.read()];
      const told = assert.rejects(reading(listening), { message: 'the handler has died' });
      const room = draft.write(filled(200 * KIB));
      draft.fail(new Error('the handler has died'));
      await told;
      assert.equal(await isOpen(room), true);
      await setImmediate();
      await assert.rejects(reading(later), { message: 'the handler has died' });
      assert.ok(piped);
      await assert.rejects(pipeline(piped, new PassThrough().resume()), { message: 'the handler has died' });
      assert.equal(draft.read(), undefined);
      assert.equal(await draft.store({}), undefined);
    });
  }

  it('ignores later calls: the first of `end` and `fail` counts', async () => {
    const failed = scene().draft;
    failed.fail(new Error('first'));
    failed.write(filled(10));
    failed.end();
    assert.equal(await failed.store({}), undefined);
    const ended = scene().draft;
    ended.write(Buffer.from('all'));
    ended.end();
    ended.write(Buffer.from('more'));
    ended.fail(new Error('late'));
    assert.equal(String(await reading(ended.read())), 'all');
    assert.equal(await ended.store({}), 'name');
  });
});

describe('`store` of a draft', () => {
  it('stores nothing before `end`, and stores after it', async () => {
    const { draft } = scene();
    draft.write(Buffer.from('half'));
    assert.equal(await draft.store({}), undefined);
    draft.end();
    assert.equal(await draft.store({}), 'name');
  });

  it('never rejects', async () => {
    const draft = createDraft({ memoryBytes: 10, store: () => Promise.reject(new Error('EACCES')) });
    draft.write(Buffer.from('bytes'));
    draft.end();
    assert.equal(await draft.store({}), undefined);
    assert.equal(String(await reading(draft.read())), 'bytes');
  });

  it('cannot be undone by a discard', async () => {
    const { draft } = scene();
    draft.end();
    const storing = draft.store({});
    draft.discard();
    assert.equal(await storing, 'name');
  });
});
