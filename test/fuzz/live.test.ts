import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryStore } from '@safelight/stores';
import fc from 'fast-check';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';
import type { Reply } from '../story/ask.ts';
import { picture } from '../story/pictures.ts';
import { type Story, startStory } from '../story/story.ts';
import { uploaders } from '../story/uploaders.ts';
import { hostileHeaders, hostileTargets } from './hostile-urls.ts';

const isLong = process.env['SAFELIGHT_LONG'] === '1';
const limits = { maxInputPixels: 10_000, maxOutputPixels: 10_000 };
const good = '/demo/image/upload/c_fill,h_20,w_30/cat.png';

describe('a live application under hostile URLs', () => {
  let story: Story;
  let before: readonly string[];
  beforeEach(async () => {
    story = await startStory({
      cloud: { limits },
      safelight: { placeholder: 'drawn', store: memoryStore({ maxEntries: 2_000 }) },
    });
    await uploaders[0]?.upload(story, 'cat', await picture('red', 60, 40));
    before = await story.files();
  });
  afterEach(async () => {
    assert.equal((await story.ask(good)).status, 200);
    assert.deepEqual(await story.files(), before);
    await story.end();
  });

  it('never fails, reveals nothing internal, and stores no file', async function () {
    this.timeout(60_000);
    const request = fc.record({
      target: hostileTargets,
      headers: hostileHeaders,
      method: fc.constantFrom('GET', 'GET', 'HEAD'),
    });
    const property = fc.asyncProperty(fc.array(request, { minLength: 25, maxLength: 25 }), async (requests) => {
      await Promise.all(
        requests.map(async ({ target, headers, method }) => {
          const reply = await story.ask(target, { headers, method });
          assert.ok(reply.status < 500, `${method} ${target}: ${reply.status} ${reply.text.slice(0, 300)}`);
          assertNothingInternal(reply, target);
        }),
      );
    });
    await fc.assert(property, { numRuns: isLong ? 120 : repetitionsOfRun({ first: 15, all: 40 }) });
  });

  it('sends a response or closes the connection, for any bytes', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
    const property = fc.asyncProperty(fc.array(bytes, { minLength: 10, maxLength: 10 }), async (all) => {
      const responses = await Promise.all(all.map((noise) => sendRaw(Number(new URL(story.origin).port), noise)));
      for (const response of responses) {
        assert.match(response, /^(?:HTTP\/1\.1 [1-4]\d\d |$)/);
        assert.doesNotMatch(response, /\n {4}at |safelight-story-/);
      }
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('evicts old failures instead of growing, and no picture', async function () {
    this.timeout(30_000);
    // More failures than the store holds.
    const rounds = isLong ? 10 : repetitionsOfRun({ first: 2, all: 5 });
    const flood = (round: number) =>
      story.askMany(Array.from({ length: 500 }, (_, n) => `GET /demo/image/upload/w_9/${round}-${n}.png HTTP/1.1`));
    assert.deepEqual([...(await flood(0))], [[404, 500]]);
    const heap = heapBytes();
    for (let round = 1; round <= rounds; round += 1) assert.deepEqual([...(await flood(round))], [[404, 500]]);
    story.searches.length = 0;
    const grown = heapBytes() - heap;
    assert.ok(grown < 12_000_000, `the heap has grown by ${grown} bytes`);
  });
});

function assertNothingInternal({ text, headers }: Reply, target: string): void {
  const type = String(headers['content-type'] ?? '');
  if (/^image\/(?!svg)/.test(type)) return;
  assert.doesNotMatch(text, /\n {4}at |node:internal|safelight-story-|ENOENT|EACCES|ENAMETOOLONG/, target);
  assert.doesNotMatch(type, /html/, target);
  assert.equal(headers['set-cookie'], undefined, target);
}

function sendRaw(port: number, noise: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let response = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET /demo/image/upload/');
      socket.write(noise);
      socket.end(' HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    });
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      response += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(response));
  });
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
