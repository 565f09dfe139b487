import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Agent, get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { drawPicture } from '../browsers/site.ts';
import { type HostileScene, startServe } from './serve.ts';

const connections = 300;
/** Each connection asks again after this time, so that the crowd costs the server little but placeholders. */
const pauseMs = 1_000;
const polite = 9;

describe('a crowd that asks for missing pictures', function () {
  this.timeout(120_000);

  let scene: HostileScene;
  before(async () => {
    scene = await startServe();
  });
  after(() => scene.end());

  /** The status, the media type and a digest of the body. */
  function ask(path: string, agent?: Agent): Promise<readonly [number | undefined, string | undefined, string]> {
    return new Promise((resolve, reject) => {
      get(`${scene.origin}${path}`, { agent }, (response) => {
        const digest = createHash('sha256');
        response
          .on('data', (piece: Buffer) => digest.update(piece))
          .once('end', () => resolve([response.statusCode, response.headers['content-type'], digest.digest('hex')]))
          .once('error', reject);
      }).once('error', reject);
    });
  }

  let width = 100;
  async function askPolitely(): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < polite; i += 1) {
      width += 1;
      const askedAt = performance.now();
      assert.equal((await ask(`/demo/image/upload/w_${width}/cat.jpg`))[0], 200);
      times.push(performance.now() - askedAt);
    }
    return times.sort((a, b) => a - b)[Math.floor(polite / 2)] ?? 0;
  }

  it(`of ${connections} connections, in random sizes as AVIF, delays a new size of a picture little`, async () => {
    const body = new FormData();
    body.append('upload_preset', 'open');
    body.append('public_id', 'cat');
    const { bytes } = await drawPicture({ width: 1600, height: 1200 });
    body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), 'x');
    assert.equal((await fetch(`${scene.origin}/v1_1/demo/image/upload`, { method: 'POST', body })).status, 200);
    await askPolitely();
    const idleMs = await askPolitely();

    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const types = new Map<string, number>();
    const pictures = new Set<string>();
    let isOver = false;
    const side = () => 1 + Math.floor(Math.random() * 900);
    const crowd = Array.from({ length: connections }, async () => {
      await wait(Math.random() * pauseMs);
      while (!isOver) {
        const name = `missing-${Math.floor(Math.random() * 1e9)}`;
        const [status, type = '', digest] = await ask(
          `/demo/image/upload/c_fill,f_avif,h_${side()},w_${side()}/${name}.png`,
          agent,
        );
        types.set(`${status} ${type}`, (types.get(`${status} ${type}`) ?? 0) + 1);
        if (type.startsWith('image/')) pictures.add(digest);
        await wait(pauseMs);
      }
    });
    await wait(2 * pauseMs);
    const crowdedMs = await askPolitely();
    await wait(3 * pauseMs);
    isOver = true;
    await Promise.all(crowd);
    agent.destroy();

    const report = `idle ${idleMs} ms, crowded ${crowdedMs} ms; ${pictures.size} placeholders; ${JSON.stringify([...types])}`;
    assert.ok(crowdedMs < 4 * idleMs + 100, report);
    assert.ok(types.has('404 image/webp'), report);
    assert.ok(
      [...types.keys()].every((type) => type.startsWith('404 ')),
      report,
    );
    // Some have their own size until the time for that is used up. The others have one of the 69 few sizes.
    assert.ok(pictures.size < 300, report);
  });
});
