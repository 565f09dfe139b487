import assert from 'node:assert/strict';
import type { Ledger } from '../src/ledger.ts';
import { createLookUp } from '../src/lookup.ts';
import { recordSchema } from '../src/record-schema.ts';
import type { StoredValue } from '../src/stored-value.ts';
import { targetKeys } from '../src/target.ts';
import { failureOf } from './found-of.ts';

const keys = targetKeys({ assets: ['cat', 'dog'], derivation: 'w_300', version: 7, isCached: true });
const [cat, dog] = keys.marks as readonly [string, string];
const stamp = 'm n';

/** A ledger over a Map. @param isLocal - whether it behaves like one over a store in this process */
function ledgerOf(values: Map<string, StoredValue>, isLocal: boolean) {
  const minted: string[] = [];
  let revision = 0;
  const reading = (names: readonly string[]) => names.map((name) => values.get(name));
  const ledger: Ledger = {
    read: async (names) => ({ values: reading(names), reachable: true }),
    readNow: isLocal ? reading : undefined,
    revision: isLocal ? () => revision : undefined,
    absentMark: undefined,
    shared: undefined,
    record: async () => assert.fail(),
    forget: assert.fail,
    hasLeases: false,
    take: async () => assert.fail(),
    release: async () => assert.fail(),
    mint: async (name) => {
      minted.push(name);
      await Promise.resolve();
      values.set(name, `mark ${minted.length}`);
    },
    mintsOnlyFirst: false,
    announce: assert.fail,
    renew: assert.fail,
  };
  return { ledger, minted, write: () => (revision += 1) };
}

function lookUpOf(values: ReadonlyMap<string, StoredValue> = new Map(), isLocal = true, now = 0) {
  const tools = ledgerOf(new Map(values), isLocal);
  return { ...tools, lookUp: createLookUp({ ledger: tools.ledger, clock: () => now, minQuietMs: 1000 }) };
}

const marks = [
  [cat, 'm'],
  [dog, 'n'],
] as const;
const as = (value: unknown) => value as StoredValue;

describe('look up: which records are valid', () => {
  it('returns without a promise if the store is in this process', async () => {
    assert.equal(lookUpOf(new Map(marks)).lookUp.read(keys) instanceof Promise, false);
    assert.equal((await lookUpOf(new Map(marks), false).lookUp.read(keys)).stamp, stamp);
  });

  it('finds no valid record of an asset without a mark', async () => {
    const { lookUp } = lookUpOf(new Map([marks[0], [keys.absence, as(failureOf('absence', 9000, 'm'))]]));
    const found = await lookUp.read(keys);
    assert.deepEqual([found.stamp, found.absence, found.hasFailure], [undefined, undefined, false]);
  });

  it('finds each record under its own key, with the stamp of all marks', async () => {
    const cached = { schema: recordSchema, stamp, variants: [] };
    const stored = new Map([
      ...marks,
      [keys.absence, as(failureOf('absence', 9000, stamp))],
      [keys.missing_version as string, as(failureOf('missing_version', 9000, stamp))],
      [keys.permanent as string, as(failureOf('permanent', 9000, stamp))],
      [keys.transient as string, as(failureOf('transient', 9000, stamp))],
      [keys.cached as string, as(cached)],
    ] as const);
    for (const isLocal of [true, false]) {
      const found = await lookUpOf(stored, isLocal).lookUp.read(keys);
      const classes = [found.absence, found.missing_version, found.permanent, found.transient].map((one) => one?.class);
      assert.deepEqual(classes, ['absence', 'missing_version', 'permanent', 'transient']);
      assert.deepEqual([found.cached, found.hasFailure, found.reachable], [cached, true, true]);
    }
  });

  it('ignores other stamps, other classes, malformed records, and failures after their quiet period', async () => {
    const wrong: readonly unknown[] = [
      failureOf('permanent', 9000, 'm'),
      failureOf('transient', 9000, stamp),
      'text',
      { stamp },
      null,
    ];
    for (const value of wrong) {
      const { lookUp } = lookUpOf(new Map([...marks, [keys.permanent as string, as(value)]]));
      for (const _again of [1, 2]) assert.equal((await lookUp.read(keys)).permanent, undefined);
    }
    const transient = new Map([...marks, [keys.transient as string, as(failureOf('transient', 500, stamp))]]);
    assert.equal((await lookUpOf(transient, true, 1499).lookUp.read(keys)).transient?.until, 500);
    assert.equal((await lookUpOf(transient, true, 1500).lookUp.read(keys)).transient, undefined);
  });
});

describe('look up again: only if the store may have changed', () => {
  it('reads nothing while the store has not changed, and everything once it has', async () => {
    const { lookUp, write } = lookUpOf(new Map(marks));
    const found = await lookUp.read(keys);
    assert.equal(lookUp.readAgain(keys, found), found);
    write();
    assert.notEqual(lookUp.readAgain(keys, found), found);
  });

  it('always reads a store to which other processes write', async () => {
    const { lookUp } = lookUpOf(new Map(marks), false);
    const found = await lookUp.read(keys);
    assert.notEqual(await lookUp.readAgain(keys, found), found);
  });
});

describe('look up under marks', () => {
  it('writes each absent mark once for all requests at the same time, then reads', async () => {
    const { lookUp, minted } = lookUpOf(new Map([marks[0]]), false);
    const both = await Promise.all([lookUp.readUnderMarks(keys), lookUp.readUnderMarks(keys)]);
    assert.deepEqual(minted, [dog]);
    assert.deepEqual(
      both.map((found) => found.stamp),
      ['m mark 1', 'm mark 1'],
    );
    await lookUp.readUnderMarks(keys);
    assert.deepEqual(minted, [dog]);
  });

  it('does not read a mark before it is written, where a first mark never replaces another', async () => {
    const { ledger, minted } = lookUpOf(new Map([marks[0]]), false);
    const reads: (readonly string[])[] = [];
    const read = (names: readonly string[]) => {
      reads.push(names);
      return ledger.read(names);
    };
    const mint = async (name: string) => {
      if (name === dog) await ledger.mint(name, false);
    };
    const onlyFirst = { ...ledger, read, mint, mintsOnlyFirst: true };
    const lookUp = createLookUp({ ledger: onlyFirst, clock: () => 0, minQuietMs: 1000 });
    assert.equal((await lookUp.readUnderMarks(keys)).stamp, 'm mark 1');
    assert.deepEqual([minted, reads], [[dog], [keys.all]]);
  });

  it('tries again after the store has failed', async () => {
    const { ledger } = lookUpOf(new Map(), false);
    let isDown = true;
    const mint = async (name: string) => (isDown ? Promise.reject(new Error('down')) : ledger.mint(name, false));
    const lookUp = createLookUp({ ledger: { ...ledger, mint }, clock: () => 0, minQuietMs: 1000 });
    await assert.rejects(lookUp.readUnderMarks(keys), /down/);
    isDown = false;
    assert.equal(typeof (await lookUp.readUnderMarks(keys)).stamp, 'string');
  });
});
