import assert from 'node:assert/strict';
import { type Scene, type SceneOptions, seen, setScene, settle } from './scene.ts';

const minuteMs = 60_000;

/** The state of the store when the run begins that an upload interrupts. */
const beginnings: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'of an asset without an earlier request': async () => {},
  'of an asset that has a mark': async ({ upload, world }) => {
    await upload();
    world.present.clear();
  },
  'at the end of a window': async ({ ask, advance }) => {
    await ask();
    advance(minuteMs);
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

/** The number of calls that the run makes to the store when no upload interrupts it. */
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
      it(`all later requests get the picture: ${installation}, during a run ${beginning}`, async () => {
        const calls = await countCalls(options, begin);
        assert.ok(calls >= 1);
        for (let nth = 1; nth <= calls; nth += 1) {
          await uploadDuring(nth, 'before', options, begin);
          await uploadDuring(nth, 'after', options, begin);
        }
      });
    }
  }

  it('is tried at many steps: look-ups, the mark, the look-ups of two runs, the record', async () => {
    assert.ok((await countCalls({}, async () => {})) >= 6);
  });
});
