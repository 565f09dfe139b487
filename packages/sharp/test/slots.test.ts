import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { JoinedClients } from '../../core/src/run-clients.ts';
import { sharpHandler } from '../src/sharp-handler.ts';
import { createSlots } from '../src/slots.ts';
import { contextOf, deliveryOf, noise, originalOf } from './pictures.ts';

const never = { signal: new AbortController().signal, group: '' };
const unbounded = { maxWaiting: 1_000, maxWaitMs: 60_000 };

function clientsOf(client: string | undefined): JoinedClients {
  const clients = new JoinedClients();
  clients.add(client);
  return clients;
}

describe('slots', () => {
  it('run every task, and never more at once than their number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 30 }), async (size, tasks) => {
        const slots = createSlots({ size, ...unbounded });
        let maxRunning = 0;
        const results = Array.from({ length: tasks }, (_, index) =>
          slots.run(async () => {
            maxRunning = Math.max(maxRunning, slots.running);
            await setImmediate();
            return index;
          }, never),
        );
        assert.deepEqual(
          await Promise.all(results),
          results.map((_, index) => index),
        );
        assert.ok(maxRunning <= size);
        await setImmediate();
        assert.deepEqual([slots.running, slots.waiting], [0, 0]);
      }),
      { numRuns: 30 },
    );
  });

  it('are freed by tasks that fail or throw', async () => {
    const slots = createSlots({ size: 1, ...unbounded });
    const failing = slots.run(() => Promise.reject(new Error('one')), never);
    const throwing = slots.run(() => {
      throw new Error('two');
    }, never);
    await assert.rejects(failing, /one/);
    await assert.rejects(throwing, /two/);
    assert.equal(await slots.run(async () => 3, never), 3);
  });

  it('remove a waiting task from the queue when its signal aborts', async () => {
    const slots = createSlots({ size: 1, ...unbounded });
    const blocker = Promise.withResolvers<void>();
    const first = slots.run(() => blocker.promise, never);
    const gone = new AbortController();
    let started = false;
    const second = slots.run(
      async () => {
        started = true;
      },
      { ...never, signal: gone.signal },
    );
    const third = slots.run(async () => 'third', never);
    assert.equal(slots.waiting, 2);
    gone.abort(new Error('client left'));
    await assert.rejects(second, /client left/);
    assert.equal(slots.waiting, 1);
    blocker.resolve();
    await first;
    assert.equal(await third, 'third');
    assert.equal(started, false);
  });

  it('reject at once, but stay occupied until an aborted task ends', async () => {
    const slots = createSlots({ size: 1, ...unbounded });
    const work = Promise.withResolvers<void>();
    const gone = new AbortController();
    const first = slots.run(() => work.promise, { ...never, signal: gone.signal });
    const second = slots.run(async () => 'second', never);
    gone.abort(new Error('too late'));
    await assert.rejects(first, /too late/);
    assert.deepEqual([slots.running, slots.waiting], [1, 1]);
    work.resolve();
    assert.equal(await second, 'second');
  });

  it('are given in turn to groups', async () => {
    const slots = createSlots({ size: 1, ...unbounded });
    const order: string[] = [];
    const run = (group: string, name: string) => slots.run(async () => void order.push(name), { ...never, group });
    await Promise.all([
      ...['a1', 'a2', 'a3', 'a4'].map((name) => run('a', name)),
      ...['b1', 'b2'].map((name) => run('b', name)),
      run('c', 'c1'),
    ]);
    assert.deepEqual(order, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('are given in turn to clients, then to the groups of a client', async () => {
    const slots = createSlots({ size: 1, ...unbounded });
    const order: string[] = [];
    const run = (client: string | undefined, group: string) =>
      slots.run(async () => void order.push(`${client} ${group}`), { ...never, group, clients: clientsOf(client) });
    await Promise.all([
      ...['x', 'x', 'x', 'y'].map((group) => run('a', group)),
      ...['x', 'y'].map((group) => run('b', group)),
      ...['x', 'y'].map((group) => run(undefined, group)),
    ]);
    assert.deepEqual(order, ['a x', 'a x', 'b x', 'undefined x', 'a y', 'b y', 'undefined y', 'a x']);
  });

  it('start a task at the turn of a client that joined it', async () => {
    const slots = createSlots({ size: 1, ...unbounded });
    const order: string[] = [];
    const run = (name: string, clients: JoinedClients) =>
      slots.run(async () => void order.push(name), { ...never, group: name, clients });
    const last = clientsOf('a');
    const all = [
      ...['a1', 'a2', 'a3', 'a4'].map((name) => run(name, clientsOf('a'))),
      run('a5', last),
      run('b1', clientsOf('b')),
    ];
    last.add('c');
    await Promise.all(all);
    last.add('d');
    assert.deepEqual(order, ['a1', 'a2', 'b1', 'a5', 'a3', 'a4']);
    assert.deepEqual([slots.running, slots.waiting], [0, 0]);
  });

  it('of a client with too many tasks are refused: another client has none that is busy', async () => {
    const slots = createSlots({ size: 1, ...unbounded, maxWaiting: 40 });
    const run = (client: string, index: number) =>
      slots
        .run(async () => `${client}${index}`, { ...never, group: `${index}`, clients: clientsOf(client) })
        .then(
          () => true,
          ({ code }: { code: string }) => assert.equal(code, 'busy') ?? false,
        );
    const hostile = Array.from({ length: 100 }, (_, index) => run('hostile', index));
    const others = ['b', 'c', 'd'].map((client) => Array.from({ length: 10 }, (_, index) => run(client, index)));
    assert.deepEqual(new Set(await Promise.all(others.flat())), new Set([true]));
    assert.equal((await Promise.all(hostile)).filter(Boolean).length, 11);
  });

  it('refuse what would wait too long, or in a queue that is too long: it never begins', async () => {
    const slots = createSlots({ size: 1, maxWaiting: 1, maxWaitMs: 20 });
    const work = Promise.withResolvers<void>();
    const first = slots.run(() => work.promise, never);
    const waits = slots.run(() => assert.fail('it began'), never);
    await assert.rejects(
      slots.run(() => assert.fail('it began'), never),
      { code: 'busy', retryAfterMs: 2_000 },
    );
    await assert.rejects(waits, { code: 'busy', status: 503 });
    assert.deepEqual([slots.running, slots.waiting], [1, 0]);
    work.resolve();
    await first;
    assert.equal(await slots.run(async () => 'next', never), 'next');
  });

  it('have a number of at least 1', () => {
    for (const concurrency of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => sharpHandler({ concurrency }), { name: 'RangeError', message: /concurrency is/ });
    }
    assert.throws(() => sharpHandler({ timeoutMs: 0 }), { name: 'RangeError', message: /timeoutMs is 0/ });
  });
});

describe('aborts', () => {
  it('reject with the reason, before, between and during steps', async () => {
    const png = await noise(400, 400).png().toBuffer();
    const steps = [{ angle: 10 }, { angle: 20 }, { angle: 30 }];
    const reason = new Error('client left');
    const handler = sharpHandler({ concurrency: 1 });
    const early = AbortSignal.abort(reason);
    await assert.rejects(handler(deliveryOf({ steps }), contextOf(originalOf(png, 'png'), { signal: early })), reason);

    const controller = new AbortController();
    let reads = 0;
    const original = originalOf(png, 'png', {
      bytesOf: async () => {
        reads += 1;
        controller.abort(reason);
        return png;
      },
    });
    const context = contextOf(original, { signal: controller.signal });
    await assert.rejects(handler(deliveryOf({ steps }), context), reason);
    assert.equal(reads, 1);
    const next = await handler(deliveryOf({ steps: [{ width: 10 }] }), contextOf(originalOf(png, 'png')));
    assert.equal(next.width, 10);
  });

  it('decode no more originals at once than allowed', async () => {
    const png = await noise(20, 20).png().toBuffer();
    const handler = sharpHandler({ concurrency: 2 });
    let reading = 0;
    let maxRunning = 0;
    const original = originalOf(png, 'png', {
      bytesOf: async () => {
        reading += 1;
        maxRunning = Math.max(maxRunning, reading);
        await setImmediate();
        reading -= 1;
        return png;
      },
    });
    const all = Array.from({ length: 200 }, (_, index) =>
      handler(deliveryOf({ steps: [{ width: 1 + (index % 7) }] }), contextOf(original)),
    );
    await Promise.all(all);
    assert.equal(maxRunning, 2);
  });
});
