export { type KeyvClientLike, type KeyvLike, type KeyvStoreOptions, keyvStore } from './keyv-store.ts';
export { type MemoryDerivativesOptions, memoryDerivatives } from './memory-derivatives.ts';
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts';
export { checkRedisServer, type RedisClientLike, type RedisServerFacts } from './redis/redis-client.ts';
export { type RedisConfigClient, redisSettingsWarnings } from './redis/redis-settings.ts';
export { type RedisStoreOptions, redisStore } from './redis/redis-store.ts';
