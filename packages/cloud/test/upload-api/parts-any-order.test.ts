import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { ByteRange } from '@safelight/http';
import fc from 'fast-check';
import { repetitionsOfRun } from '../../../../test/servers/cases-of-run.ts';
import { findPlace, joinedRanges, missingRanges, type ReceivedPart } from '../../src/upload-api/received-parts.ts';
import { type ApiServer, basic, startApi } from './api-server.ts';
import { aroundPublish } from './around-publish.ts';
import { type Part, partSender, type Response, storedBytes, untilNothingIsTemporary } from './part-sender.ts';

/** A part that a client sends. Some break off, some have other bytes than before, some have another range. */
type SentPart = Part & { readonly fate: 'arrives' | 'breaks off' | 'is falsified' | 'is cut otherwise' };

interface Plan {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly cut: readonly ByteRange[];
  /** Groups of parts. The parts of a group are sent at the same time. */
  readonly groups: readonly (readonly SentPart[])[];
}

const fates = fc.constantFrom('arrives', 'arrives', 'arrives', 'breaks off', 'is falsified', 'is cut otherwise');

const plans: fc.Arbitrary<Plan> = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .chain((bytes) =>
    fc.record({
      file: fc.constant(new Uint8Array(bytes)),
      cut: fc
        .uniqueArray(fc.integer({ min: 1, max: bytes.length }), { maxLength: 6 })
        .map((ends) => cutAt(ends, bytes.length)),
    }),
  )
  .chain(({ file, cut }) =>
    fc
      .array(
        fc.record({
          index: fc.nat(cut.length - 1),
          fate: fates as fc.Arbitrary<SentPart['fate']>,
          knows: fc.boolean(),
        }),
        { maxLength: 12 },
      )
      .chain((sentParts) =>
        fc.infiniteStream(fc.integer({ min: 1, max: 4 })).map((sizes) => {
          const all = sentParts.map(({ index, fate, knows }): SentPart => {
            const { start, end } = cut[index] as ByteRange;
            const total = knows || end === file.length ? file.length : -1;
            return { start, end, total, fate };
          });
          return { file, cut, groups: grouped(all, sizes) };
        }),
      ),
  );

describe('an upload in parts, in any order, repeated, at the same time, some failing', () => {
  let api: ApiServer;
  let published = 0;
  let now = Date.now();
  before(async () => {
    api = await startApi({ clock: () => now }, (originals) =>
      aroundPublish(originals, (_facts, publish) => {
        published += 1;
        return publish();
      }),
    );
  });
  after(() => api.close());

  it('stores exactly the bytes in one version, or is refused, and leaves no files', async function () {
    this.timeout(60_000);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(plans, async ({ file, cut, groups }) => {
        const publicId = `notes-${++run}`;
        const owned = { uploadId: publicId, fields: { public_id: publicId }, headers: { authorization: basic } };
        const send = partSender(api, file);
        published = 0;
        const responses: Response[] = [];
        for (const group of groups) {
          responses.push(
            ...(await Promise.all(group.map((sentPart) => sendAs(sentPart, owned, send, api, file)))).flat(),
          );
        }
        for (const { status, json } of responses) assert.ok(status === 200 || status === 400, JSON.stringify(json));
        for (const part of cut) responses.push(await send({ ...part, ...owned }));

        const stored = responses.filter(({ json }) => json['version'] !== undefined);
        assert.ok(new Set(stored.map(({ json }) => json['version_id'])).size <= 1);
        assert.equal(published, stored.length === 0 ? 0 : 1);
        const falsified = groups.flat().some(({ fate }) => fate === 'is falsified');
        const recut = groups.flat().some(({ fate }) => fate === 'is cut otherwise');
        if (!falsified && !recut) {
          assert.deepEqual(await storedBytes(api, publicId), Buffer.from(file));
          assert.equal(responses.at(-1)?.status, 200);
        }
        assert.equal((await storedBytes(api, publicId))?.length, stored.length === 0 ? undefined : file.length);
        // Unfinished uploads are removed when a part arrives after one day.
        now += 86_400_000;
        await send({ start: 0, end: file.length, ...owned, uploadId: `${publicId}, later` });
        await untilNothingIsTemporary(api);
        assert.deepEqual(api.faults, []);
      }),
      { numRuns: repetitionsOfRun({ first: 10, all: 40 }) },
    );
  });

  it('knows the missing ranges', () => {
    fc.assert(
      fc.property(plans, ({ file, cut, groups }) => {
        const parts: ReceivedPart[] = [];
        const receivedBytes = new Set<number>();
        for (const { start, end } of groups.flat()) {
          const part = { start, end, etag: 'x' };
          const { index, isReceived } = findPlace(parts, part);
          assert.equal(isReceived, receivedBytes.has(start));
          if (!isReceived) parts.splice(index, 0, part);
          for (let byte = start; byte < end; byte++) receivedBytes.add(byte);
        }
        assert.deepEqual(
          parts,
          parts.toSorted((a, b) => a.start - b.start),
        );
        const missing = missingRanges(parts, file.length);
        const both = [...missing, ...joinedRanges(parts)].sort((a, b) => a.start - b.start);
        assert.deepEqual(joinedRanges(both), [{ start: 0, end: file.length }]);
        for (const { start, end } of missing)
          for (let byte = start; byte < end; byte++) assert.ok(!receivedBytes.has(byte));
        assert.ok(cut.length > 0);
      }),
    );
  });
});

function cutAt(ends: readonly number[], length: number): readonly ByteRange[] {
  const all = [...new Set([...ends, length])].sort((a, b) => a - b);
  return all.map((end, index) => ({ start: all[index - 1] ?? 0, end }));
}

function grouped(sentParts: readonly SentPart[], sizes: Iterable<number>): readonly (readonly SentPart[])[] {
  const groups: SentPart[][] = [];
  const next = sizes[Symbol.iterator]();
  for (let from = 0; from < sentParts.length; ) {
    const size = next.next().value as number;
    groups.push(sentParts.slice(from, from + size));
    from += size;
  }
  return groups;
}

async function sendAs(
  { fate, ...part }: SentPart,
  owned: Omit<Part, 'start' | 'end'>,
  send: (part: Part) => Promise<Response>,
  api: ApiServer,
  file: Uint8Array<ArrayBuffer>,
): Promise<readonly Response[]> {
  if (fate === 'breaks off') {
    await breakOff(part, owned, api);
    return [];
  }
  const { start, end } = part;
  if (fate === 'is falsified')
    return [await send({ ...part, ...owned, bytes: file.slice(start, end).map((b) => b ^ 1) })];
  if (fate === 'is cut otherwise' && end - start > 1)
    return [await send({ ...part, ...owned, total: -1, end: end - 1 })];
  return [await send({ ...part, ...owned })];
}

/** Sends the first bytes of a part, then closes the connection. */
async function breakOff({ start, end, total }: Part, { uploadId }: Omit<Part, 'start' | 'end'>, api: ApiServer) {
  const call = request(`${api.apiUrl}/raw/upload`, {
    method: 'POST',
    headers: {
      'content-type': 'multipart/form-data; boundary=x',
      'x-unique-upload-id': uploadId,
      'content-range': `bytes ${start}-${end - 1}/${total}`,
      authorization: basic,
    },
  });
  call.on('error', () => undefined);
  call.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
  await new Promise((resolve) => call.write('a', resolve));
  call.destroy();
  await new Promise((resolve) => call.on('close', resolve));
}
