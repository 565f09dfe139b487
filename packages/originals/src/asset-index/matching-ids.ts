import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type SearchCondition, SearchTooLongError } from '@safelight/core';
import { LRUCache } from 'lru-cache';
import { countOf, difference, type IdSet, idSetOf, intersection, union } from './id-set.ts';
import type { IndexDatabase } from './index-database.ts';
import { type LeafQuery, leafQuery } from './leaf-query.ts';

/** The numbers of the assets that meet a condition. */
export interface MatchingIds {
  readonly set: IdSet;
  readonly count: number;
}

/** Finds the assets that meet conditions, and remembers them until the index changes. */
export interface Matcher {
  /**
   * Other calls of this thread run in between.
   * @throws {SearchTooLongError} when it takes longer than `maxMs`
   */
  match(condition: SearchCondition, maxMs: number): Promise<MatchingIds>;
  /** The rows of one table. */
  rows(query: LeafQuery): IdSet;
}

const maxSets = 40;

export function createMatcher(database: IndexDatabase): Matcher {
  let knownVersion = -1;
  let maxId = 0;
  const sets = new LRUCache<string, IdSet>({ max: maxSets });

  /** Forgets the sets when another connection has written. */
  function refresh(): void {
    const version = database.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
    if (version === knownVersion) return;
    knownVersion = version;
    sets.clear();
    maxId = database.get<{ id: number | null }>('SELECT max(id) AS id FROM asset')?.id ?? 0;
  }

  function remembered(name: string, find: () => IdSet): IdSet {
    const known = sets.get(name);
    if (known !== undefined) return known;
    const set = find();
    sets.set(name, set);
    return set;
  }

  function rows(query: LeafQuery): IdSet {
    refresh();
    return remembered(JSON.stringify(query), () => {
      const sql = `SELECT group_concat(${query.id}) AS ids FROM ${query.from} WHERE ${query.where}`;
      return idSetOf(database.get<{ ids: string | null }>(sql, ...query.values)?.ids ?? null, maxId);
    });
  }

  const everything = (): IdSet => rows({ from: 'asset', id: 'id', where: '1', values: [] });

  async function matchingSet(condition: SearchCondition, endsAt: () => void): Promise<IdSet> {
    endsAt();
    switch (condition.kind) {
      case 'all':
      case 'any': {
        let set: IdSet | undefined;
        for (const part of condition.conditions) {
          const next = await matchingSet(part, endsAt);
          set = set === undefined ? next : condition.kind === 'all' ? intersection(set, next) : union(set, next);
        }
        return set ?? (condition.kind === 'all' ? everything() : new Uint32Array(1));
      }
      case 'not': {
        const excluded = await matchingSet(condition.condition, endsAt);
        return difference(everything(), excluded);
      }
      default: {
        const set = rows(leafQuery(condition));
        await yieldToOthers();
        return set;
      }
    }
  }

  return {
    rows,
    async match(condition, maxMs) {
      const startedAt = performance.now();
      const set = await matchingSet(condition, () => {
        if (performance.now() - startedAt > maxMs) throw new SearchTooLongError(maxMs);
      });
      return { set, count: countOf(set) };
    },
  };
}
