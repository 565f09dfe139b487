import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { type HostileScene, memoryOf, startServe, watchDelay } from './serve.ts';

const MB = 1_000_000;
const form = 'multipart/form-data; boundary=b';
const urlencoded = 'application/x-www-form-urlencoded';
const json = 'application/json';
const part = (name: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;

/** Bodies that have taken seconds or minutes, and bodies like them. The status is 400, 413 or 200. */
const bodies: Readonly<Record<string, () => readonly [mediaType: string, body: string, status: number]>> = {
  '28 MB of names without =': () => [urlencoded, 'a&'.repeat(14 * MB), 400],
  '28 MB of escapes in a name': () => [urlencoded, '%61'.repeat(9 * MB), 400],
  '28 MB of escapes in a file': () => [urlencoded, `upload_preset=open&file=data:,${'%61'.repeat(9 * MB)}`, 200],
  '2 million keys': () => [json, `{${Array.from({ length: 2 * MB }, (_, i) => `"k${i}":1`).join()}}`, 400],
  '10 million levels': () => [json, '['.repeat(10 * MB), 400],
  '5 million levels of objects': () => [json, '{"a":'.repeat(5 * MB), 400],
  '4,300 empty files in JSON': () => [json, `{"a":"${'x'.repeat(9_000)}",${'"file":"",'.repeat(4_300)}"b":1}`, 400],
  '28 MB of &': () => [urlencoded, '&'.repeat(28 * MB), 400],
  '28 MB of empty files': () => [urlencoded, 'file=&'.repeat(5 * MB), 400],
  '28 MB of parts without a name': () => [
    form,
    '--b\r\nContent-Disposition: form-data\r\n\r\n\r\n'.repeat(600_000),
    400,
  ],
  'a long boundary, five times in each chunk': () => [
    `multipart/form-data; boundary=${'a'.repeat(7_000)}`,
    `${`\r\n--${'a'.repeat(6_999)}b`.repeat(5)}${'a'.repeat(30_000)}`.repeat(100),
    400,
  ],
  '14 million escaped quotes': () => [json, `{"a":"${'\\"'.repeat(14 * MB)}"}`, 400],
  '14 million escapes in a file': () => [json, `{"upload_preset":"open","file":"data:,${'\\/'.repeat(14 * MB)}"}`, 200],
  '28 MB of line breaks in base64': () => [form, part('file', `data:;base64,${'\r\n'.repeat(14 * MB)}`), 400],
  '28 MB of base64': () => [
    form,
    `${part('upload_preset', 'open')}${part('file', `data:;base64,${'AAAA'.repeat(7 * MB)}`)}--b--`,
    200,
  ],
  '28 MB of base64 in JSON': () => [
    json,
    `{"upload_preset":"open","file":"data:;base64,${'AAAA'.repeat(7 * MB)}"}`,
    200,
  ],
  '28 MB of = in base64': () => [form, part('file', `data:;base64,${'='.repeat(28 * MB)}`), 400],
  '400,000 parts': () => [form, part('a', '').repeat(400_000), 400],
  '28 MB of the beginning of a boundary': () => [form, part('file', '\r\n--'.repeat(7 * MB)), 400],
  '28 MB of one header': () => [form, `--b\r\n${'x'.repeat(28 * MB)}`, 400],
  '28 MB without a boundary': () => [form, '-'.repeat(28 * MB), 400],
  '28 MB of quotes in a disposition': () => [
    form,
    `--b\r\nContent-Disposition: form-data${'; x="'.repeat(3_000)}\r\n\r\n`,
    400,
  ],
};

/**
 * The limit is for the server. A busy machine takes the processor from both sides, so the best of some attempts counts: a
 * body that holds the event loop does so each time.
 */
const maxHeldMs = 50;
const attempts = 8;

function post(origin: string, mediaType: string, body: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': mediaType, 'content-length': Buffer.byteLength(body) };
    const call = request(`${origin}/v1_1/demo/raw/upload`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
      call.destroy();
    });
    call.on('error', () => resolve(undefined));
    call.end(body);
  });
}

describe('hostile bodies', function () {
  this.timeout(60_000);

  let scene: HostileScene;
  before(async () => {
    scene = await startServe();
  });
  after(async () => {
    assert.equal(scene.server.errors(), '');
    await scene.end();
  });

  for (const [what, make] of Object.entries(bodies)) {
    it(`${what}: no other request waits for long`, async () => {
      const [mediaType, body, status] = make();
      const held: number[] = [];
      while (held.length < attempts && !held.some((ms) => ms < maxHeldMs)) {
        const delay = await watchDelay(scene.origin);
        assert.equal(await post(scene.origin, mediaType, body), status);
        held.push(await delay());
      }
      assert.ok(Math.min(...held) < maxHeldMs, `the event loop was held for ${held.map(Math.round).join(', ')} ms`);
    });
  }

  it('leave no file, and need little memory', async function () {
    assert.deepEqual(await readdir(join(scene.data, 'originals', 'tmp')).catch(() => []), []);
    if (process.platform !== 'linux') return this.skip();
    assert.ok((await memoryOf(scene)) < 350 * MB, `${(await memoryOf(scene)) / MB} MB`);
  });
});
