import assert from 'node:assert/strict';
import { type Scene, type SceneOptions, seen, setScene, settle } from './scene.ts';

const MINUTE_MS = 60_000;

/** What is remembered when the run begins that an upload comes into. */
const beginnings: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'of an asset that was never asked for': async () => {},
  'of an asset that has a mark': async ({ upload, world }) => {
    await upload();
    world.present.clear();
  },
  'at the end of a window': async ({ ask, advance }) => {
    await ask();
    advance(MINUTE_MS);
  },
  'of another derivation while the absence is held': async ({ ask }) => {
    await ask({ derivation: 'w_1' });
  },
};

const installations: Readonly<Record<string, SceneOptions>> = {
  'one process': {},
  'two processes that share a store': { processes: 2 },
  'two processes that tolerate its outages': { processes: 2, tolerant: true },
};

/** How many calls of the store the run makes when nothing comes in between. */
async function countCalls(options: SceneOptions, begin: (scene: Scene) => Promise<void>): Promise<number> {
  const scene = setScene(options);
  await begin(scene);
  const before = scene.chaos.calls.length;
  await scene.ask();
  return scene.chaos.calls.length - before;
}

async function uploadDuring(
  nth: number,
  when: 'before' | 'after',
  options: SceneOptions,
  begin: (scene: Scene) => Promise<void>,
): Promise<void> {
  const scene = setScene(options);
  await begin(scene);
  const { ask, upload, chaos } = scene;
  const everywhere = () => scene.guards.flatMap((_, at) => [ask({ at }), ask({ at, derivation: 'w_2' })]);
  const call = chaos.park({ nth, when });
  const early = ask();
  await call.reached;
  await upload('cat', scene.guards.length - 1);
  const during = everywhere();
  await settle();
  call.release();
  await early;
  const outcomes = await Promise.all([...during, ...everywhere()]);
  const what = `upload ${when} call ${nth}: ${chaos.calls.map(({ op, keys }) => `${op} ${keys}`).join('; ')}`;
  assert.deepEqual([...new Set(outcomes.map(seen))], ['made'], what);
}

describe('an upload at every call of the store', () => {
  for (const [installation, options] of Object.entries(installations)) {
    for (const [beginning, begin] of Object.entries(beginnings)) {
      it(`frees everybody who asks after it: ${installation}, during a run ${beginning}`, async () => {
        const calls = await countCalls(options, begin);
        assert.ok(calls >= 1);
        for (let nth = 1; nth <= calls; nth += 1) {
          await uploadDuring(nth, 'before', options, begin);
          await uploadDuring(nth, 'after', options, begin);
        }
      });
    }
  }

  it('is tried at many steps: look-ups, the mark, the look-ups of two flights, the record', async () => {
    assert.ok((await countCalls({}, async () => {})) >= 6);
  });
});
