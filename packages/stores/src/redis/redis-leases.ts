import type { ConditionalRecord, Leases } from '@safelight/core';
import { isRefusal, type RedisClientLike } from './redis-client.ts';
import type { RedisValues } from './redis-values.ts';
import { type RedisScript, recordScript, releaseScript, takeScript } from './scripts.ts';
import type { ServerRuns } from './server-runs.ts';
import { readRecord, toTtlMs, writeMark } from './stored-texts.ts';

export interface RedisLeasesOptions {
  readonly client: RedisClientLike;
  readonly runs: ServerRuns;
  readonly toKey: (key: string) => string;
  readonly values: RedisValues;
}

/** Leases by scripts of the server: each is one step, which nothing interrupts. */
export function redisLeases({ client, runs, toKey, values }: RedisLeasesOptions): Leases {
  async function call(script: RedisScript, keys: readonly string[], texts: readonly string[]): Promise<unknown> {
    const parameters = { keys: keys.map(toKey), arguments: [...texts] };
    try {
      return await client.evalSha(script.sha1, parameters);
    } catch (error) {
      // The server has started since, or its scripts were flushed. It has not run anything.
      if (!isRefusal(error, 'NOSCRIPT')) throw error;
      return client.eval(script.text, parameters);
    }
  }

  /** The marks of other slots are read before. A record under an old mark is never valid, so the gap does no harm. */
  async function haveMoved(marks: ConditionalRecord['marks']): Promise<boolean> {
    const present = await values.getMany(marks.map(([key]) => key));
    return marks.some(([, mark], index) => present[index] !== mark);
  }

  return {
    async take(lease, ttlMs, keys) {
      // In a cluster, the keys of several assets are read after the lease was taken.
      const near = values.areTogether([lease.key, ...keys]) ? keys : [];
      try {
        const run = await runs.current();
        const result = await call(takeScript, [lease.key, ...near], [lease.token, String(toTtlMs(ttlMs))]);
        const [holder, texts] = result as [string, readonly unknown[]];
        const isRead = near.length === keys.length;
        return { holder, values: isRead ? values.valuesOf(keys, texts, run) : await values.getMany(keys) };
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return { holder: lease.token, values: await values.getMany(keys) };
      }
    },

    async record({ key, value, ttlMs, before, marks, markTtlMs, lease }) {
      const run = await runs.current();
      const near = marks.filter(([mark]) => values.areTogether([key, mark]));
      if (await haveMoved(marks.filter((mark) => !near.includes(mark)))) return 'moved';
      const keys = [key, lease?.key ?? key, ...near.map(([mark]) => mark)];
      const texts = [
        JSON.stringify(value),
        String(toTtlMs(ttlMs)),
        before === undefined ? '' : JSON.stringify(before),
        String(toTtlMs(markTtlMs)),
        lease?.token ?? '',
        ...near.map(([, mark]) => writeMark(mark, run)),
      ];
      try {
        const [result, stored] = (await call(recordScript, keys, texts)) as [string, unknown];
        if (result === 'stored') return { stored: readRecord(stored) };
        return result === 'written' ? 'written' : 'moved';
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return 'refused';
      }
    },

    async release({ key, token }) {
      await call(releaseScript, [key], [token]);
    },
  };
}
