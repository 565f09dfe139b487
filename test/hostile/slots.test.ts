import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { availableParallelism } from 'node:os';
import { drawPicture } from '../browsers/site.ts';
import { type HostileScene, startServe } from './serve.ts';

const pictures = 16;
const sizes = 12;
const [hostile, polite] = ['127.0.0.1', '127.0.0.2'];
/** Each slot may end the run that it has, and two more while the polite client waits for its own. */
const fewRuns = 3 * availableParallelism();

describe(`an address that asks for ${pictures * sizes} new sizes of ${pictures} pictures`, function () {
  this.timeout(60_000);

  let scene: HostileScene;
  const agents = [hostile, polite].map((localAddress) => new Agent({ localAddress, maxSockets: 1_000 }));
  /** The number of responses that the hostile client has. */
  let made = 0;
  let onMade = () => {};

  before(async () => {
    scene = await startServe();
    const { bytes } = await drawPicture({ width: 900, height: 700 });
    for (let index = 0; index < pictures; index += 1) {
      const body = new FormData();
      body.append('upload_preset', 'open');
      body.append('public_id', `cat-${index}`);
      body.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), 'x');
      assert.equal((await fetch(`${scene.origin}/v1_1/demo/image/upload`, { method: 'POST', body })).status, 200);
    }
    for (let index = 0; index < pictures * sizes; index += 1)
      void ask(pathOf(index), agents[0]).then(countMade, ignore);
    const several = 5;
    await new Promise<void>((resolve) => {
      onMade = () => made >= several && resolve();
    });
  });

  after(async () => {
    for (const agent of agents) agent.destroy();
    await scene.end();
  });

  function pathOf(index: number): string {
    return `/demo/image/upload/w_${400 + index}/cat-${index % pictures}.avif`;
  }

  function ask(path: string, agent: Agent | undefined): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      get(`${scene.origin}${path}`, { agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      }).once('error', reject);
    });
  }

  function countMade(status: number | undefined): void {
    if (status !== 200) return;
    made += 1;
    onMade();
  }

  for (const [what, path] of [
    ['a size of its own', '/demo/image/upload/w_123/cat-3.avif'],
    ['the size that the hostile one waits for last', pathOf(pictures * sizes - 1)],
  ] as const) {
    it(`delays another address by at most ${fewRuns} runs: ${what}`, async () => {
      const madeBefore = made;
      assert.equal(await ask(path, agents[1]), 200);
      const passed = made - madeBefore;
      assert.ok(passed <= fewRuns, `${passed} runs of the hostile client ended before`);
      assert.ok(made < pictures * sizes - fewRuns, `the hostile client still waits, after ${made} responses`);
    });
  }
});

function ignore(): void {}
