import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { ask } from '../../../../test/servers/ask.ts';
import { closeServers, listen } from '../../../../test/servers/servers.ts';
import type { BodyPiece } from '../../src/serve/multipart-ranges.ts';
import type { Representation } from '../../src/serve/representation.ts';
import { streamPieces } from '../../src/serve/stream-pieces.ts';

const content = Buffer.from('0123456789');
const pieces: readonly BodyPiece[] = [Buffer.from('<'), { start: 0, end: 3 }, Buffer.from('>'), { start: 8, end: 10 }];

describe('streamPieces', () => {
  afterEach(closeServers);

  async function sent(change: Partial<Representation>) {
    const errors: unknown[] = [];
    let released = 0;
    const representation: Representation = {
      status: 200,
      headers: {},
      etag: undefined,
      lastModifiedAt: undefined,
      bytes: content.length,
      body: undefined,
      read: (start, end) => Readable.from([content.subarray(start, end)]),
      release: () => {
        released += 1;
      },
      ...change,
    };
    const server = await listen((_req, res) =>
      streamPieces(res, pieces, representation, (error) => errors.push(error)),
    );
    const { text, complete } = await ask(server, '/').catch(() => ({ text: '', complete: false }));
    while (released === 0) await new Promise(setImmediate);
    return { text, complete, released, errors };
  }

  it('sends buffers and ranges in their order, from a source or from memory, and releases once', async () => {
    for (const body of [undefined, content]) {
      assert.deepEqual(await sent({ body }), { text: '<012>89', complete: true, released: 1, errors: [] });
    }
  });

  const wrong: Readonly<Record<string, readonly [Representation['read'], RegExp]>> = {
    'has fewer bytes': [() => Readable.from([Buffer.from('0')]), /^read\(0, 3\) gave fewer than 3 bytes\.$/],
    'has more bytes': [() => Readable.from([content]), /^read\(0, 3\) gave more than 3 bytes\.$/],
    fails: [
      () =>
        new Readable({
          read() {
            this.destroy(new Error('disk failed'));
          },
        }),
      /^disk failed$/,
    ],
  };
  for (const [what, [read, message]] of Object.entries(wrong)) {
    it(`breaks the connection off and reports the error when a source ${what}`, async () => {
      const { complete, released, errors } = await sent({ read });
      assert.deepEqual([complete, released, errors.length], [false, 1, 1]);
      assert.match((errors[0] as Error).message, message);
    });
  }
});
