import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createDraft, type EndedDraft } from '../src/draft.ts';
import { type RecordedSink, recordedSink } from './recorded-sink.ts';

/** One call on a draft or its readers. Numbers select a size or a reader. */
type Step =
  | readonly ['write' | 'leave' | 'consume', number]
  | readonly ['read' | 'end' | 'fail' | 'store' | 'discard' | 'wait'];

const step = (...names: readonly Step[0][]): fc.Arbitrary<Step> =>
  fc.constantFrom(...names).map((name) => [name] as unknown as Step);
const sized = (...names: readonly Step[0][]): fc.Arbitrary<Step> =>
  fc.tuple(fc.constantFrom(...names), fc.nat(100_000)) as fc.Arbitrary<Step>;
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: sized('write', 'write', 'consume', 'leave') },
    { weight: 3, arbitrary: step('read', 'wait') },
    { weight: 1, arbitrary: step('end', 'fail', 'store', 'discard') },
  ),
  { maxLength: 30 },
);
const sinks = fc.record({
  kind: fc.constantFrom('none', 'works', 'full', 'no permission'),
  maxBytes: fc.nat(200_000),
  isSlow: fc.boolean(),
});

interface Reader {
  readonly stream: Readable;
  content: Promise<Buffer | Error> | undefined;
  hasLeft: boolean;
}

describe('a draft in any order', () => {
  it('gives each remaining reader all bytes or the error, and closes its sink', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(steps, sinks, fc.nat(60_000), async (taken, sink, memoryBytes) => {
        await play(taken, sink, memoryBytes);
      }),
      { numRuns: 400 },
    );
    // A rejection that no one handles fails the test here.
    await setImmediate();
  });
});

async function play(
  taken: readonly Step[],
  { kind, maxBytes, isSlow }: { readonly kind: string; readonly maxBytes: number; readonly isSlow: boolean },
  memoryBytes: number,
): Promise<void> {
  const openedSinks: RecordedSink[] = [];
  const openSink = async () => {
    if (kind === 'no permission') throw new Error('EACCES');
    const pace = () => (isSlow ? setImmediate() : Promise.resolve());
    const sink = recordedSink({ pace, ...(kind === 'full' ? { maxBytes } : {}) });
    openedSinks.push(sink);
    return sink;
  };
  const storedDrafts: EndedDraft<RecordedSink>[] = [];
  const draft = createDraft<RecordedSink>({
    memoryBytes,
    ...(kind === 'none' ? {} : { openSink }),
    async store(ended) {
      storedDrafts.push(ended);
      if (ended.sink !== undefined) assert.deepEqual(ended.sink.content(), written());
      return 'name';
    },
  });

  const pieces: Buffer[] = [];
  const written = (): Buffer => Buffer.concat(pieces);
  const readers: Reader[] = [];
  const rooms: (Promise<void> | undefined)[] = [];
  const stores: Promise<string | undefined>[] = [];
  let state = 'open';
  let isDiscarded = false;
  let mayStore = false;

  for (const [name, number = 0] of taken) {
    const reader = readers[number % Math.max(1, readers.length)];
    if (name === 'write') {
      const piece = Buffer.alloc(number % 3 === 0 ? number % 50 : number, pieces.length + 1);
      rooms.push(draft.write(piece));
      if (state === 'open') pieces.push(piece);
    } else if (name === 'read') {
      const stream = draft.read();
      if (stream !== undefined) readers.push({ stream, content: undefined, hasLeft: false });
    } else if (name === 'consume' && reader !== undefined) reader.content ??= contentOf(reader.stream);
    else if (name === 'leave' && reader !== undefined) {
      reader.hasLeft = true;
      reader.stream.destroy();
    } else if (name === 'end') {
      draft.end();
      if (state === 'open') state = 'ended';
    } else if (name === 'fail') {
      draft.fail(new Error('failed'));
      if (state === 'open') state = 'failed';
    } else if (name === 'store') {
      mayStore ||= state === 'ended' && !isDiscarded;
      stores.push(draft.store({}));
    } else if (name === 'discard') {
      draft.discard();
      isDiscarded ||= !mayStore;
    } else if (name === 'wait') await setImmediate();
  }
  if (state === 'open') draft.end();
  for (const reader of readers) reader.content ??= contentOf(reader.stream);

  const expected = written();
  for (const { content, hasLeft } of readers) {
    const got = await content;
    if (state === 'failed') assert.ok(got instanceof Error || hasLeft);
    else if (!hasLeft) assert.deepEqual(got, expected);
  }
  await Promise.all(rooms);
  const names = await Promise.all(stores);
  // A draft that is too large for memory is stored only if the sink takes all bytes.
  const fits = expected.length <= memoryBytes || kind === 'works' || (kind === 'full' && expected.length <= maxBytes);
  assert.equal(names.includes('name'), mayStore && fits);
  assert.equal(storedDrafts.length, mayStore && fits ? 1 : 0);
  const digest = createHash('sha256').update(expected).digest('base64url');
  for (const stored of storedDrafts) assert.deepEqual([stored.bytes, stored.digest], [expected.length, digest]);
  for (const { body } of storedDrafts) if (body !== undefined) assert.deepEqual(body, expected);

  draft.discard();
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
  assert.ok(openedSinks.length <= 1);
  assert.deepEqual(
    openedSinks.map((sink) => sink.closed()),
    openedSinks.map(() => 1),
  );
}

async function contentOf(stream: Readable): Promise<Buffer | Error> {
  try {
    return Buffer.concat(await stream.toArray());
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
