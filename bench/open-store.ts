import KeyvRedis, { createClient as createKeyvClient } from '@keyv/redis';
import { createClient } from '@redis/client';
import type { Store } from '@safelight/core';
import { redisStore } from '@safelight/stores';
import Keyv from 'keyv';

/** Opens the store over a Redis. @param kind - `redis` for `redisStore`, `keyv` for a Keyv */
export async function openStore(kind: string | undefined, path: string): Promise<Keyv | Store> {
  const socket = { path, tls: false } as const;
  if (kind === 'redis') return redisStore(await createClient({ socket }).connect());
  return new Keyv(new KeyvRedis(await createKeyvClient({ socket }).connect()));
}
