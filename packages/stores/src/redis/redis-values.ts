import { keyKind, type StoredValue } from '@safelight/core';
import type { RedisClientLike } from './redis-client.ts';
import type { ServerRuns } from './server-runs.ts';
import { readMark, readRecord } from './stored-texts.ts';

export type StoredValues = readonly (StoredValue | undefined)[];

/** Reads the values of keys. */
export interface RedisValues {
  /** One `MGET`; of a cluster, one for the keys of each asset, all at the same time. */
  getMany(keys: readonly string[]): Promise<StoredValues>;
  /** The values of texts. @param run - of the server, from before the texts were read */
  valuesOf(keys: readonly string[], texts: readonly unknown[], run: string | undefined): StoredValues;
  /** Whether one command can use all these keys: a cluster has them in one slot. */
  areTogether(keys: readonly string[]): boolean;
}

export interface RedisValuesOptions {
  readonly client: RedisClientLike;
  readonly runs: ServerRuns;
  readonly toKey: (key: string) => string;
}

export function redisValues({ client, runs, toKey }: RedisValuesOptions): RedisValues {
  const isCluster = client.masters !== undefined;

  async function readTexts(keys: readonly string[]): Promise<readonly unknown[]> {
    if (!isCluster) return (await client.mGet(keys.map(toKey))) as readonly unknown[];
    const groups = new Map<string, string[]>();
    for (const key of keys) groups.set(slotTag(key), [...(groups.get(slotTag(key)) ?? []), key]);
    const read = await Promise.all(
      [...groups.values()].map(async (group) => {
        const texts = (await client.mGet(group.map(toKey))) as readonly unknown[];
        return group.map((key, index) => [key, texts[index]] as const);
      }),
    );
    const textOf = new Map(read.flat());
    return keys.map((key) => textOf.get(key));
  }

  const valuesOf: RedisValues['valuesOf'] = (keys, texts, run) =>
    keys.map((key, index) => (keyKind(key) === 'mark' ? readMark(texts[index], run) : readRecord(texts[index])));

  return {
    valuesOf,
    areTogether: (keys) => !isCluster || new Set(keys.map(slotTag)).size <= 1,
    async getMany(keys) {
      if (keys.length === 0) return [];
      const [run, texts] = await Promise.all([runs.current(), readTexts(keys)]);
      return valuesOf(keys, texts, run);
    },
  };
}

/** The part of a key that decides its slot in a cluster. */
function slotTag(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}
