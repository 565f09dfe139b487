export { type KeyvLike, type KeyvStoreOptions, keyvStore } from './keyv-store.ts';
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts';
