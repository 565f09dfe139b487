import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createClientTurns } from '../src/client-turns.ts';

interface Entry {
  readonly name: string;
  readonly client: string;
  readonly group: string;
}

const entries = fc
  .array(fc.record({ client: fc.constantFrom('a', 'b', 'c', 'd'), group: fc.constantFrom('x', 'y', 'z') }), {
    maxLength: 60,
  })
  .map((places) => places.map((place, index): Entry => ({ ...place, name: `${place.client}${place.group}${index}` })));

function turnsWith(waiting: readonly Entry[]) {
  const turns = createClientTurns<Entry>();
  for (const entry of waiting) turns.enter(entry, entry.group, entry.client);
  return turns;
}

function takeAll(turns: { next(): Entry | undefined }): readonly Entry[] {
  const taken: Entry[] = [];
  for (let entry = turns.next(); entry !== undefined; entry = turns.next()) taken.push(entry);
  return taken;
}

/** Between two turns of one name, each name that still waits has exactly one turn. */
function assertInTurn(names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    const next = names.indexOf(name, index + 1);
    if (next < 0) continue;
    const between = names.slice(index + 1, next);
    assert.equal(new Set(between).size, between.length, `${name} is passed over more than once in ${names}`);
    const waiting = names.slice(next + 1).filter((other) => other !== name);
    assert.ok(
      waiting.every((other) => between.includes(other)),
      `${name} has two turns before another one in ${names}`,
    );
  }
}

describe('turns of clients', () => {
  it('no client that waits is passed over more than once in a round, and no group of a client', () => {
    fc.assert(
      fc.property(entries, (waiting) => {
        const taken = takeAll(turnsWith(waiting));
        assert.equal(taken.length, waiting.length);
        assertInTurn(taken.map(({ client }) => client));
        for (const own of ['a', 'b', 'c', 'd']) {
          assertInTurn(taken.filter(({ client }) => client === own).map(({ group }) => group));
        }
        for (const { client, group } of waiting) {
          const own = (list: readonly Entry[]) => list.filter((e) => e.client === client && e.group === group);
          assert.deepEqual(own(taken), own(waiting));
        }
      }),
    );
  });

  it('a client that comes later waits for at most one turn of each other client, in any order of events', () => {
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('enter'),
        client: fc.constantFrom('a', 'b', 'c'),
        group: fc.constantFrom('x', 'y'),
      }),
      fc.record({ kind: fc.constant('next'), client: fc.constant(''), group: fc.constant('') }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), fc.array(event, { maxLength: 20 }), (before, after) => {
        const turns = createClientTurns<Entry>();
        let count = 0;
        const take = ({ kind, client, group }: { kind: string; client: string; group: string }) => {
          if (kind === 'next') return turns.next();
          count += 1;
          turns.enter({ name: `${count}`, client, group }, group, client);
          return undefined;
        };
        for (const step of before) take(step);
        turns.enter({ name: 'late', client: 'late', group: 'x' }, 'x', 'late');
        const passed: string[] = [];
        const later = [...after, ...Array.from({ length: 4 }, () => ({ kind: 'next', client: '', group: '' }))];
        for (const step of later) {
          const taken = take(step);
          if (taken?.name === 'late') return assert.equal(new Set(passed).size, passed.length, `${passed}`);
          if (taken !== undefined) passed.push(taken.client);
        }
        assert.fail(`It waits for ${passed}.`);
      }),
    );
  });

  it('an entry that several clients wait for is taken once, at the first turn of one of them', () => {
    const turns = createClientTurns<string>();
    for (const name of ['a1', 'a2', 'a3', 'shared']) turns.enter(name, name, 'a');
    turns.enter('shared', 'shared', 'b');
    turns.enter('shared', 'shared', 'b');
    assert.equal(turns.size, 4);
    assert.deepEqual([turns.next(), turns.next(), turns.next(), turns.next()], ['a1', 'shared', 'a2', 'a3']);
    assert.deepEqual([turns.next(), turns.size], [undefined, 0]);
  });

  it('an entry leaves all clients that wait for it', () => {
    const turns = createClientTurns<string>();
    turns.enter('one', 'x', 'a');
    turns.enter('one', 'x', undefined);
    turns.enter('two', 'x', undefined);
    turns.leave('one');
    turns.leave('unknown');
    assert.deepEqual([turns.size, turns.next(), turns.next()], [1, 'two', undefined]);
  });

  it('the last entry of the largest group of the client with the most entries gives way', () => {
    fc.assert(
      fc.property(
        entries.filter(({ length }) => length > 0),
        (waiting) => {
          const turns = turnsWith(waiting);
          const newest = waiting.at(-1) as Entry;
          const sizeOf = (name: string) => waiting.filter(({ client }) => client === name).length;
          const left = turns.giveWay(newest.client) as Entry;
          assert.equal(turns.size, waiting.length - 1);
          assert.ok(['a', 'b', 'c', 'd'].every((name) => sizeOf(name) <= sizeOf(left.client)));
          if (sizeOf(newest.client) === sizeOf(left.client)) assert.equal(left.client, newest.client);
          const own = waiting.filter(({ client }) => client === left.client);
          const inGroup = (name: string) => own.filter(({ group }) => group === name);
          assert.ok(['x', 'y', 'z'].every((name) => inGroup(name).length <= inGroup(left.group).length));
          assert.equal(left, inGroup(left.group).at(-1));
          assert.ok(!takeAll(turns).includes(left));
        },
      ),
    );
  });

  it('an entry that also waits for another client does not give way', () => {
    const turns = createClientTurns<string>();
    for (const name of ['a1', 'a2', 'shared']) turns.enter(name, 'x', 'a');
    turns.enter('shared', 'x', 'b');
    assert.equal(turns.giveWay('b'), 'a2');
    assert.deepEqual([turns.next(), turns.next(), turns.next()], ['a1', 'shared', undefined]);
  });
});
