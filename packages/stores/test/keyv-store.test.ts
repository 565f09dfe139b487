import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type KeyvLike, keyvStore } from '@safelight/stores';
import { type StoreUnderTest, storeConformance } from '@safelight/stores/conformance';
import Keyv from 'keyv';
import Keyv5 from 'keyv5';

const HOUR_MS = 60 * 60 * 1000;

/** A network adapter for Keyv 5 and 6. The test can cut the network. */
class NetworkAdapter {
  readonly entries: Map<string, unknown> = new Map();
  reachable = true;
  /** Writes of these keys fail and reads succeed, as on a full server. */
  readonly refused: Set<string> = new Set();
  async get(key: string): Promise<unknown> {
    return this.#reach(() => this.entries.get(key));
  }
  async getMany(keys: readonly string[]): Promise<unknown[]> {
    return this.#reach(() => keys.map((key) => this.entries.get(key)));
  }
  async set(key: string, value: unknown): Promise<void> {
    this.#reach(() => this.entries.set(key, value));
    if (this.refused.has(key)) throw new Error('OOM command not allowed');
  }
  async delete(key: string): Promise<boolean> {
    return this.#reach(() => this.entries.delete(key));
  }
  async clear(): Promise<void> {
    this.#reach(() => this.entries.clear());
  }
  #reach<Result>(act: () => Result): Result {
    if (!this.reachable) throw new Error('connection refused');
    return act();
  }
}

function overNetwork(compose: (adapter: NetworkAdapter) => KeyvLike): () => StoreUnderTest {
  return () => {
    const adapter = new NetworkAdapter();
    const setReachable = async (reachable: boolean): Promise<void> => {
      adapter.reachable = reachable;
    };
    return {
      store: keyvStore(compose(adapter)),
      second: keyvStore(compose(adapter)),
      cut: () => setReachable(false),
      mend: () => setReachable(true),
    };
  };
}

describe('keyvStore over Keyv 6 and a Map', () => {
  storeConformance({ describe, it, create: () => ({ store: keyvStore(new Keyv()) }) });
});

describe('keyvStore over Keyv 6 and an adapter for a network', () => {
  const create = overNetwork((adapter) => new Keyv(adapter));
  storeConformance({ describe, it, create, capabilities: { shared: true, outage: true } });
});

describe('keyvStore over Keyv 5 and a Map', () => {
  storeConformance({ describe, it, create: () => ({ store: keyvStore(new Keyv5()) }) });
});

describe('keyvStore over Keyv 5 and an adapter for a network', () => {
  const create = overNetwork((adapter) => new Keyv5({ store: adapter }));
  storeConformance({ describe, it, create, capabilities: { shared: true, outage: true } });
});

describe('keyvStore', () => {
  it('puts the prefix before every key', async () => {
    const keyv = new Keyv();
    const store = keyvStore(keyv, { keyPrefix: 'safelight:' });
    await store.set('k', 'x', HOUR_MS);
    assert.equal(await keyv.get('safelight:k'), 'x');
    assert.deepEqual(await keyvStore(keyv, { keyPrefix: 'other:' }).getMany(['k']), [undefined]);
    await store.delete('k');
    assert.equal(await keyv.get('safelight:k'), undefined);
  });

  for (const result of [undefined, false, 'OK', 1]) {
    it(`does not accept ${JSON.stringify(result)} as the confirmation of a write`, async () => {
      const store = keyvStore({ getMany: async () => [], set: async () => result, delete: async () => false });
      assert.equal(await store.set('k', 'x', HOUR_MS), false);
    });
  }

  it('passes rejections on', async () => {
    const fails = async (): Promise<never> => {
      throw new Error('no route to host');
    };
    const store = keyvStore({ getMany: fails, set: fails, delete: fails });
    await assert.rejects(store.getMany(['k']), { message: 'no route to host' });
    await assert.rejects(store.set('k', 'x', HOUR_MS), { message: 'no route to host' });
    await assert.rejects(store.delete('k'), { message: 'no route to host' });
  });

  it('names the keys that could not be read, and the cause', async () => {
    const adapter = new NetworkAdapter();
    const store = keyvStore(new Keyv(adapter), { keyPrefix: 'p:' });
    adapter.reachable = false;
    await assert.rejects(store.getMany(['a', 'b']), (error: Error) => {
      assert.equal(error.message, 'Keyv could not read 2 keys; the first key is "p:a".');
      assert.equal((error.cause as Error).message, 'connection refused');
      return true;
    });
  });

  it('does not confirm a write during which an error was emitted', async () => {
    // @keyv/redis 5.1.6 without `throwOnErrors` does this when the server is full or unreachable.
    const source = new EventEmitter();
    const store = keyvStore({
      on: (event, listener) => source.on(event, listener),
      getMany: async () => [],
      async set(key) {
        await null;
        if (key === 'refused') source.emit('error', new Error('OOM'));
        return true;
      },
      delete: async () => true,
    });
    const results = await Promise.all([store.set('refused', 'x', HOUR_MS), store.set('accepted', 'x', HOUR_MS)]);
    assert.deepEqual(results, [false, true]);
  });

  it('lets only the failing call fail: reads at the same time succeed', async () => {
    const adapter = new NetworkAdapter();
    adapter.refused.add('full');
    const store = keyvStore(new Keyv(adapter));
    const [confirmed, ...reads] = await Promise.all([
      store.set('full', 'x', HOUR_MS),
      store.getMany(['absent']),
      store.getMany(['absent too']),
    ]);
    assert.equal(confirmed, false);
    assert.deepEqual(reads, [[undefined], [undefined]]);
  });

  it('rejects all reads of absent keys during an error from outside its calls', async () => {
    const keyv = new Keyv();
    const store = keyvStore(keyv);
    await store.set('here', 'x', HOUR_MS);
    const outcomes = Promise.allSettled([store.getMany(['absent']), store.getMany(['here'])]);
    keyv.emit('error', new Error('socket closed'));
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['rejected', 'fulfilled'],
    );
    assert.deepEqual(await store.getMany(['absent']), [undefined]);
  });

  it('survives errors that are emitted between calls', () => {
    const keyv = new Keyv();
    keyvStore(keyv);
    assert.doesNotThrow(() => keyv.emit('error', new Error('connection dropped')));
  });

  it('gives undefined for a value that a Store cannot have written', async () => {
    const store = keyvStore({
      getMany: async () => [7, null, true, 'x'],
      set: async () => true,
      delete: async () => true,
    });
    assert.deepEqual(await store.getMany(['a', 'b', 'c', 'd', 'e']), [undefined, undefined, undefined, 'x', undefined]);
  });

  describe('with the client of the Keyv', () => {
    /** A Keyv and a client that log the commands they get. @param refuses - whether the client refuses its commands */
    function logging({ refuses = false } = {}) {
      const commands: (readonly unknown[])[] = [];
      const store = keyvStore(
        {
          getMany: async () => [],
          set: async (key, _value, ttlMs) => commands.push(['set', key, ttlMs]) > 0,
          delete: async () => true,
        },
        {
          keyPrefix: 'p:',
          client: {
            on: () => undefined,
            async pExpire(key, ttlMs, mode) {
              commands.push(['pExpire', key, ttlMs, mode]);
              if (refuses) throw new Error('ERR Unsupported option GT');
              return 1;
            },
          },
        },
      );
      return { store, commands };
    }

    it('a mark with a short life is written with a long one and shortened, so that it can be lengthened', async () => {
      const { store, commands } = logging();
      assert.equal(await store.set('g:{cat}', 'a mark', 60_000), true);
      assert.equal(await store.extend?.('g:{cat}', 2 * HOUR_MS), true);
      assert.deepEqual(commands, [
        ['set', 'p:g:{cat}', 30 * 24 * HOUR_MS],
        ['pExpire', 'p:g:{cat}', 60_000, 'LT'],
        ['pExpire', 'p:g:{cat}', 2 * HOUR_MS, 'GT'],
      ]);
    });

    it('the mark of a change and a record are written at once with their own life', async () => {
      const { store, commands } = logging();
      await store.set('g:{cat}', 'a mark', 30 * 24 * HOUR_MS);
      await store.set('a:2:{cat}', { schema: 2 }, 60_000);
      assert.deepEqual(commands, [
        ['set', 'p:g:{cat}', 30 * 24 * HOUR_MS],
        ['set', 'p:a:2:{cat}', 60_000],
      ]);
    });

    it('a server that refuses to shorten has still confirmed the mark; it does not confirm a longer life', async () => {
      const { store } = logging({ refuses: true });
      assert.equal(await store.set('g:{cat}', 'a mark', 60_000), true);
      assert.equal(await store.extend?.('g:{cat}', HOUR_MS), false);
    });

    it('tells each time that the client is ready', () => {
      const client = Object.assign(new EventEmitter(), { pExpire: async () => 1 });
      let count = 0;
      keyvStore(new Keyv(), { client }).onReady?.(() => {
        count += 1;
      });
      client.emit('ready');
      client.emit('ready');
      assert.equal(count, 2);
    });
  });
});
