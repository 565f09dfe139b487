import assert from 'node:assert/strict';
import {
  type CachedRecord,
  createGuard,
  type Derivatives,
  type Guard,
  type Outcome,
  type Store,
} from '@safelight/core';
import { fileDerivatives } from '@safelight/originals';
import { memoryDerivatives, memoryStore } from '@safelight/stores';
import { directoryInMemory, removeTemporaryDirectories } from '../../packages/originals/test/temporary-directory.ts';
import { type Client, openRedisStore } from '../../packages/stores/test/redis-client.ts';
import { hasRedisServer, type OwnRedis, ownRedis } from '../../packages/stores/test/redis-server.ts';
import { missingService } from '../servers/missing-service.ts';

/** A process with its own place for derivatives, and a count of its runs. */
interface Machine {
  readonly guard: Guard;
  runs: number;
  ask(derivation?: string): Promise<Outcome<string>>;
}

function machine(store: Store, derivatives: Derivatives): Machine {
  const guard = createGuard({ store, localFallback: memoryStore(), derivatives });
  const made: Machine = {
    guard,
    runs: 0,
    async ask(derivation = 'w_300') {
      const stored = Promise.withResolvers<void>();
      const outcome = await guard.handle({
        target: { assets: ['cat'], derivation, version: undefined, isCached: true },
        take: () => true,
        checksSuccess: false,
        async work() {
          made.runs += 1;
          return `picture ${made.runs}`;
        },
        async storeValue(value) {
          const draft = derivatives.create();
          draft.write(Buffer.from(value));
          draft.end();
          const name = await draft.store({});
          // The record is written a few turns after the bytes were stored.
          setImmediate(stored.resolve);
          return name === undefined ? undefined : { name, cachedAt: Date.now() };
        },
      });
      if (outcome.kind === 'cached') outcome.cached.release();
      else await stored.promise;
      return outcome;
    },
  };
  return made;
}

/** Asks all machines in turn. A derivative is recorded after the response, so each request waits until it is. */
async function askInTurn(machines: readonly Machine[], rounds: number, wait: () => Promise<void>): Promise<number> {
  const before = machines.reduce((sum, { runs }) => sum + runs, 0);
  for (let round = 0; round < rounds; round += 1) {
    for (const { ask } of machines) {
      await ask();
      await wait();
    }
  }
  return machines.reduce((sum, { runs }) => sum + runs, 0) - before;
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

describe('machines with one store and a place for derivatives each', () => {
  afterEach(removeTemporaryDirectories);

  it('in folders: each machine makes a derivative once', async () => {
    const store = memoryStoreOfOthers();
    const machines = await Promise.all(
      [0, 1].map(async () => machine(store, fileDerivatives({ directory: await directoryInMemory() }))),
    );
    assert.equal(await askInTurn(machines, 10, turns), 2);
  });

  it('in memory: each process makes a derivative once', async () => {
    const store = memoryStoreOfOthers();
    const machines = Array.from({ length: 4 }, () => machine(store, memoryDerivatives()));
    assert.equal(await askInTurn(machines, 5, turns), 4);
  });

  it('in one folder: it is made once for all processes', async () => {
    const store = memoryStoreOfOthers();
    const directory = await directoryInMemory();
    const machines = Array.from({ length: 3 }, () => machine(store, fileDerivatives({ directory })));
    assert.equal(await askInTurn(machines, 5, turns), 1);
  });

  it('a change at one machine ends the derivatives of all', async () => {
    const store = memoryStoreOfOthers();
    const machines = Array.from({ length: 2 }, () => machine(store, memoryDerivatives()));
    await askInTurn(machines, 2, turns);
    await machines[0]?.guard.changed('cat');
    assert.equal(await askInTurn(machines, 2, turns), 2);
  });

  it('a process that restarts again and again does not make the record grow without end', async () => {
    const store = memoryStoreOfOthers();
    for (let restart = 0; restart < 40; restart += 1) await askInTurn([machine(store, memoryDerivatives())], 1, turns);
    const [record] = await store.getMany(['d:2:{cat}:w_300']);
    assert.equal((record as CachedRecord).variants.length, 16);
  });

  it('the look-up without a run shows only what the process can use', async () => {
    const store = memoryStoreOfOthers();
    const [one, other] = [machine(store, memoryDerivatives()), machine(store, memoryDerivatives())];
    await askInTurn([one], 1, turns);
    const target = { assets: ['cat'], derivation: 'w_300', version: undefined, isCached: true } as const;
    assert.equal((await one.guard.inspect(target)).cached?.variants.length, 1);
    assert.equal((await other.guard.inspect(target)).cached, undefined);
  });

  describe('over a real Redis', () => {
    if (!hasRedisServer()) {
      return missingService('there is no redis-server on the PATH to start');
    }
    let redis: OwnRedis;
    const clients: Client[] = [];
    before(async () => {
      redis = await ownRedis();
    });
    after(async () => {
      for (const client of clients) client.destroy();
      await redis.remove();
    });

    it('20 alternate requests to two machines with a folder each are two runs', async () => {
      const machines = await Promise.all(
        [0, 1].map(async () => {
          const { client, store } = await openRedisStore(redis.socketPath);
          clients.push(client);
          return machine(store, fileDerivatives({ directory: await directoryInMemory() }));
        }),
      );
      const isRecorded = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
      assert.equal(await askInTurn(machines, 10, isRecorded), 2);
    });
  });
});

/** A store like one outside of this process: without the members that need a store of one process. */
function memoryStoreOfOthers(): Store {
  const { getMany, set, delete: remove } = memoryStore();
  return { getMany, set, delete: remove };
}
