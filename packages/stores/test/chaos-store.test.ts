import assert from 'node:assert/strict';
import { memoryStore } from '@safelight/stores';
import { type ChaosStore, chaosStore } from '@safelight/stores/chaos';
import { storeConformance } from '@safelight/stores/conformance';

const HOUR_MS = 60 * 60 * 1000;

describe('chaosStore without commands, in front of memoryStore', () => {
  storeConformance({
    describe,
    it,
    capabilities: { passedClock: true, outage: true, extend: true },
    create() {
      let now = 1_800_000_000_000;
      const store = chaosStore(memoryStore({ clock: () => now }));
      return {
        store,
        advance: (ms) => {
          now += ms;
        },
        cut: async () => store.control.down(),
        mend: async () => store.control.up(),
      };
    },
  });
});

describe('chaosStore', () => {
  let store: ChaosStore;
  const read = async (key: string): Promise<unknown> => (await store.getMany([key]))[0];

  beforeEach(() => {
    store = chaosStore(memoryStore());
  });

  afterEach(() => {
    assert.deepEqual(store.control.unmet(), [], 'every command matched a call');
  });

  it('parks a write before it is applied', async () => {
    const parked = store.control.park({ op: 'set', key: 'k', when: 'before' });
    const write = store.set('k', 'late', HOUR_MS);
    assert.deepEqual((await parked.reached).keys, ['k']);
    assert.equal(await read('k'), undefined);
    parked.release();
    assert.equal(await write, true);
    assert.equal(await read('k'), 'late');
  });

  it('parks a write after it was applied', async () => {
    const parked = store.control.park({ op: 'set', when: 'after' });
    const write = store.set('k', 'x', HOUR_MS);
    await parked.reached;
    assert.equal(await read('k'), 'x');
    assert.equal(store.control.calls[0]?.outcome, 'pending');
    parked.release();
    assert.equal(await write, true);
  });

  it('parks a read before or after it is applied, so that it gives the new or the old value', async () => {
    await store.set('k', 'old', HOUR_MS);
    const before = store.control.park({ op: 'getMany', key: /^k$/, when: 'before' });
    const early = read('k');
    await before.reached;
    const after = store.control.park({ op: 'getMany', when: 'after' });
    const late = read('k');
    await after.reached;
    await store.set('k', 'new', HOUR_MS);
    before.release();
    after.release();
    assert.deepEqual(await Promise.all([early, late]), ['new', 'old']);
  });

  it('does not stop a call that was released before it arrived', async () => {
    const parked = store.control.park({ op: 'set', when: 'before' });
    parked.release();
    assert.equal(await store.set('k', 'x', HOUR_MS), true);
  });

  it('drops the selected call, and no other', async () => {
    store.control.drop({ op: 'set', key: (key) => key.startsWith('g'), nth: 2, reply: 'false' });
    assert.equal(await store.set('g1', 'x', HOUR_MS), true);
    assert.equal(await store.set('other', 'x', HOUR_MS), true);
    assert.equal(await store.set('g2', 'x', HOUR_MS), false);
    assert.equal(await store.set('g3', 'x', HOUR_MS), true);
    assert.deepEqual(await store.getMany(['g1', 'g2', 'g3']), ['x', undefined, 'x']);
  });

  it('drops several calls in a row, with a rejection', async () => {
    store.control.drop({ op: 'delete', times: 2, reply: 'reject' });
    await store.set('k', 'x', HOUR_MS);
    await assert.rejects(store.delete('k'), { message: 'Chaos on command: the reply of delete(k) was lost' });
    await assert.rejects(store.delete('k'));
    assert.equal(await read('k'), 'x');
    assert.equal(await store.delete('k'), true);
  });

  it('confirms a write that it drops', async () => {
    store.control.drop({ op: 'set', reply: 'true' });
    assert.equal(await store.set('k', 'x', HOUR_MS), true);
    assert.equal(await read('k'), undefined);
  });

  it('gives undefined for a read that was dropped without a rejection', async () => {
    await store.set('k', 'x', HOUR_MS);
    store.control.drop({ op: 'getMany', reply: 'false' });
    assert.equal(await read('k'), undefined);
    assert.equal(await read('k'), 'x');
  });

  it('applies a write and loses the reply', async () => {
    store.control.loseReply({ op: 'set' });
    await assert.rejects(store.set('k', 'x', HOUR_MS));
    assert.equal(await read('k'), 'x');
  });

  it('applies a write twice, the second time over a later one', async () => {
    const repeated = store.control.applyTwice({ op: 'set' });
    assert.equal(await store.set('k', 'first', HOUR_MS), true);
    await repeated.reached;
    await store.set('k', 'second', HOUR_MS);
    await repeated.again();
    assert.equal(await read('k'), 'first');
    assert.equal(store.control.calls[0]?.applied, 2);
  });

  it('applies a write only after it has rejected', async () => {
    const late = store.control.applyTwice({ op: 'set' });
    store.control.drop({ op: 'set', reply: 'reject' });
    await assert.rejects(store.set('k', 'x', HOUR_MS));
    assert.equal(await read('k'), undefined);
    await late.again();
    assert.equal(await read('k'), 'x');
  });

  it('is slow until the command ends', async () => {
    const waits: string[] = [];
    const stop = store.control.slow({ times: Number.POSITIVE_INFINITY, wait: async ({ op }) => void waits.push(op) });
    await store.set('k', 'x', HOUR_MS);
    await read('k');
    stop();
    await read('k');
    assert.deepEqual(waits, ['set', 'getMany']);
  });

  it('is down, also for calls in progress, and is up again with its contents', async () => {
    await store.set('k', 'x', HOUR_MS);
    const parked = store.control.park({ op: 'set', when: 'before' });
    const lost = store.set('k', 'y', HOUR_MS);
    await parked.reached;
    store.control.down();
    parked.release();
    await assert.rejects(lost, { message: 'Chaos on command: the store is down, so set(k) was refused' });
    await assert.rejects(store.getMany(['k']));
    store.control.up();
    assert.equal(await read('k'), 'x');
  });

  it('evicts keys', async () => {
    for (const key of ['{a}:g', '{a}:fo', '{b}:g']) await store.set(key, 'x', HOUR_MS);
    await store.control.forget(/^\{a\}/);
    assert.deepEqual(await store.getMany(['{a}:g', '{a}:fo', '{b}:g']), [undefined, undefined, 'x']);
    await store.control.forget('{b}:g');
    assert.equal(await read('{b}:g'), undefined);
  });

  it('restores a snapshot', async () => {
    await store.set('changed', 'old', HOUR_MS);
    await store.set('removed', 'x', HOUR_MS);
    const earlier = await store.control.snapshot();
    await store.set('changed', 'new', HOUR_MS);
    await store.set('added', 'x', HOUR_MS);
    await store.delete('removed');
    await store.control.restore(earlier);
    assert.deepEqual(await store.getMany(['changed', 'removed', 'added']), ['old', 'x', undefined]);
  });

  it('logs each call and its outcome', async () => {
    store.control.drop({ op: 'set', key: 'b', reply: 'false' });
    store.control.loseReply({ op: 'delete' });
    await store.set('a', 'x', HOUR_MS);
    await store.set('b', 'y', HOUR_MS);
    await store.getMany(['a', 'b']);
    await assert.rejects(store.delete('a'));
    assert.deepEqual(store.control.calls, [
      { op: 'set', keys: ['a'], value: 'x', outcome: 'resolved', applied: 1 },
      { op: 'set', keys: ['b'], value: 'y', outcome: 'resolved false', applied: 0 },
      { op: 'getMany', keys: ['a', 'b'], outcome: 'resolved', applied: 1 },
      { op: 'delete', keys: ['a'], outcome: 'rejected', applied: 1 },
    ]);
  });
});

describe('chaosStore.control.unmet', () => {
  it('names the commands that no call has matched', async () => {
    const store = chaosStore(memoryStore());
    store.control.loseReply({ op: 'set', key: 'never' });
    await store.set('k', 'x', HOUR_MS);
    assert.deepEqual(store.control.unmet(), [{ op: 'set', key: 'never' }]);
  });
});
